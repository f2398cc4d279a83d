"""Whether titles are in the language asked for: measured on titles of our own making."""

from __future__ import annotations

import pytest

from shared.cues import Cue
from worker.language import detect, foreign

ENGLISH = """
Linear 4-bit quantization with bitsandbytes
Fourier transform
Loading the base model and tokenizer
Saving safetensors to disk
Pushing the model to the Hugging Face Hub
Pricing of private models on Hugging Face
Schrödinger equation
Poincaré recurrence theorem
Gödel's incompleteness theorems
Dvořák and the New World Symphony
Řezníček and late Romantic opera
Fine-tuning Mistral 7B with LoRA
Introduction
Conclusion
Q&A
Questions from students about deployment
Newton's second law
Torque and angular momentum
Simple harmonic oscillator
Proof by induction
Eigenvalues and eigenvectors
Bayes' theorem
Monte Carlo integration
Gradient descent
Backpropagation through time
Transformer architecture
Attention is all you need
self.forward() and nn.Module
The `from_pretrained` method
Docker Compose networks
Kubernetes ingress
PostgreSQL indexes: B-tree and GIN
CAP theorem
Paxos and Raft
Binary search trees
Dijkstra's algorithm
NP-completeness
Habsburg monarchy after 1848
Battle of White Mountain
Kafka's The Trial
Treaty of Versailles
Marginal utility
Prisoner's dilemma
Nash equilibrium
Supply and demand curves
Photosynthesis in C4 plants
Mitosis and meiosis
Krebs cycle
Acid-base titration
Entropy and the second law
Lagrangian mechanics
Maxwell's equations
Doppler effect
Quantum tunnelling
Bra-ket notation
Spin-1/2 particles
Hilbert spaces
Riemann integral
Taylor series
Cauchy sequences
Greedy algorithms
Summary and homework
Administrative matters
Homework 3: hints
Demo: quantized inference in 6 seconds
Hallucination in base models
Autogen as a hallucinated answer
GitHub LFS and storage cost
Model memory: 15 GB to 4 GB
Data deduplication
Deploying to RunPod
Embeddings and tokenizers
OpenAI, Anthropic and Ollama APIs
Café culture in Vienna
Bauhaus and De Stijl
Schadenfreude and other loanwords
Zeitgeist of the 1920s
Karel Čapek: R.U.R.
Jan Hus and the Council of Constance
Tomáš Masaryk
Vltava by Bedřich Smetana
El Niño and La Niña
Hola, amigos: greetings in Spanish
Don Quixote, part two
Déjà vu
Laplace–Beltrami operator
Gini coefficient
Pasteur and germ theory
Naïve Bayes classifier
Reading list
Exam format
Break
Motivation
Problem statement
Model selection
Regression diagnostics
Optimal control
Robot kinematics
Protein folding
Digital signal processing
Analog filters
Microeconomics
Metaphysics in Aristotle
""".strip().splitlines()

OTHER = {
    "cs": """
Úvod do strojového učení
Kvantizace modelu a úspora paměti
Načtení základního modelu
Uložení modelu na disk
Nahrání modelu do hubu
Otázky studentů k cenám
Shrnutí a příští hodina
Proč model fabuluje
Jak funguje tokenizer
Linear 4-bit a jeho vliv na vrstvy
Volání modelu přes API
Druhý Newtonův zákon
Moment síly a moment hybnosti
Harmonický oscilátor
Důkaz matematickou indukcí
Vlastní čísla a vlastní vektory
Gradientní sestup
Bitva na Bílé hoře
Habsburská monarchie po roce 1848
Mezní užitek
Nabídka a poptávka
Buněčné dělení
Druhý zákon termodynamiky
Domácí úkol
Derivace složené funkce
Ukládání velkých souborů na GitHubu
Deployment na RunPod
Organizace zkoušky
Rozdíl mezi base modelem a doladěným modelem
Praktická ukázka
""",
    "sk": """
Úvod do strojového učenia
Kvantizácia modelu a úspora pamäte
Načítanie základného modelu
Uloženie modelu na disk
Otázky študentov k cenám
Zhrnutie a ďalšia hodina
Prečo si model vymýšľa
Druhý Newtonov zákon
Vlastné čísla a vlastné vektory
Domáca úloha
Derivácia zloženej funkcie
Bitka na Bielej hore
""",
    "de": """
Einführung in das maschinelle Lernen
Quantisierung des Modells
Laden des Basismodells
Speichern auf der Festplatte
Fragen der Studierenden zu den Preisen
Zusammenfassung und nächste Stunde
Warum das Modell halluziniert
Das zweite Newtonsche Gesetz
Drehmoment und Drehimpuls
Beweis durch vollständige Induktion
Eigenwerte und Eigenvektoren
Gradientenverfahren
Der Westfälische Friede
Angebot und Nachfrage
Zellteilung
Hausaufgaben
Die Kettenregel
Der Dopplereffekt
Kants kategorischer Imperativ
Organisation der Prüfung
""",
    "es": """
Introducción al aprendizaje automático
Cuantización del modelo
Carga del modelo base
Guardar el modelo en disco
Preguntas de los estudiantes sobre los precios
Resumen y próxima clase
Por qué alucina el modelo
Segunda ley de Newton
Momento de fuerza y momento angular
Demostración por inducción
Valores y vectores propios
Descenso de gradiente
La guerra civil española
Oferta y demanda
División celular
Tareas para casa
La regla de la cadena
El efecto Doppler
Segunda ley de la termodinámica
Formato del examen
""",
    "fr": """
Introduction à l'apprentissage automatique
Quantification du modèle
Chargement du modèle de base
Enregistrement sur le disque
Questions des étudiants sur les prix
Résumé et prochain cours
Pourquoi le modèle hallucine
Deuxième loi de Newton
Moment de force et moment cinétique
Démonstration par récurrence
Valeurs propres et vecteurs propres
Descente de gradient
La Révolution française
Offre et demande
Division cellulaire
Devoirs à la maison
Dérivation des fonctions composées
L'effet Doppler
Format de l'examen
La bataille de Verdun
""",
    "pl": """
Wprowadzenie do uczenia maszynowego
Kwantyzacja modelu i oszczędność pamięci
Wczytanie modelu bazowego
Zapis modelu na dysku
Pytania studentów o ceny
Podsumowanie i następne zajęcia
Dlaczego model zmyśla
Druga zasada dynamiki Newtona
Moment siły i moment pędu
Dowód przez indukcję
Wartości i wektory własne
Metoda gradientu prostego
Bitwa pod Grunwaldem
Popyt i podaż
Podział komórki
Zadanie domowe
Pochodna funkcji złożonej
Efekt Dopplera
Forma egzaminu
Zasada nieoznaczoności
""",
    "ru": """
Введение в машинное обучение
Квантование модели
Второй закон Ньютона
Вопросы студентов
Спрос и предложение
""",
    "zh": """
机器学习导论
模型量化
牛顿第二定律
""",
}
CZECH = (
    "Takže teď si ukážeme, jak se ten model načte do paměti. Tady vidíte, že se nám změnila architektura, ale jinak "
    "nám to zůstalo stejné. Tak a teďka si to vyzkoušíme a podíváme se, co se mi děje v tom logu."
)
SLOVAK = (
    "Takže teraz si ukážeme, ako sa ten model načíta do pamäte. Tu vidíte, že sa nám zmenila architektúra, ale inak "
    "nám to zostalo rovnaké. Tak a teraz si to vyskúšame a pozrieme sa, čo sa mi deje v tom logu."
)


def cues(text: str) -> list[Cue]:
    return [Cue(n, n * 3000, n * 3000 + 2500, line) for n, line in enumerate(text.split(". "), 1)]


@pytest.mark.parametrize("spoken", OTHER)
def test_english_titles_are_not_asked_for_again(spoken: str) -> None:
    wrong = [ENGLISH[n] for n in foreign(ENGLISH, "en", spoken)]
    assert len(wrong) <= len(ENGLISH) * 0.01, wrong


@pytest.mark.parametrize("spoken", OTHER)
def test_titles_in_the_lectures_language_are_found(spoken: str) -> None:
    titles = OTHER[spoken].strip().splitlines()
    missed = [t for n, t in enumerate(titles) if n not in foreign(titles, "en", spoken)]
    assert len(missed) <= len(titles) * 0.2, missed


def test_all_titles_together_are_judged_nearly_always_right() -> None:
    found = sum(len(foreign(t.strip().splitlines(), "en", spoken)) for spoken, t in OTHER.items())
    there = sum(len(t.strip().splitlines()) for t in OTHER.values())
    wrong = sum(len(foreign(ENGLISH, "en", spoken)) for spoken in OTHER)
    assert found >= there * 0.92
    assert wrong <= len(ENGLISH) * len(OTHER) * 0.005


def test_czech_and_slovak_are_told_apart() -> None:
    assert (detect(cues(CZECH)), detect(cues(SLOVAK))) == ("cs", "sk")


def test_a_few_foreign_words_do_not_change_the_language_of_a_lecture() -> None:
    mixed = cues(CZECH * 6 + " Don't save. Large file system. Hugging Face. Linear 4-bit. To mi príde zaujímavé.")
    assert detect(mixed) == "cs"


@pytest.mark.parametrize("text", ["", "1 2 3", "?", "[♪♪♪]"])
def test_too_little_speech_is_no_language(text: str) -> None:
    assert detect(cues(text)) == "und"


def test_titles_asked_for_in_the_lectures_own_language_may_not_come_in_english() -> None:
    titles = ["Kvantizace modelu a úspora paměti", "Loading the model from disk", "Machine learning", "Tokenizer"]
    assert foreign(titles, "cs", "cs") == [1]


def test_terms_code_and_quotations_are_no_language() -> None:
    titles = ["Using „zeměpis a dějepis“ as a prompt", "`načti_model()`", "nacti_model() a uloz_model()"]
    assert foreign(titles, "en", "cs") == []
    assert foreign(["Strojové učení"], "en", "cs", ("strojové učení",)) == []


def test_a_language_that_is_not_known_is_not_judged() -> None:
    assert foreign(["Úvod do strojového učení"], "tlh", "cs") == []
