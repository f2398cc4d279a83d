"""Whether titles are in the language asked for: measured on titles of our own making."""

from __future__ import annotations

import pytest

from shared.cues import Cue
from worker.language import detect, foreign, is_foreign_beyond_doubt

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
Setting up PyTorch with CUDA 12
numpy.linalg.eig and its pitfalls
Renormalization group in Wilson's sense
Václav Havel and The Power of the Powerless
Škoda Works during the First World War
Leoš Janáček's speech melodies
Antonín Dvořák in America
Jára Cimrman as a cultural phenomenon
Łukasiewicz and three-valued logic
Stanisław Ulam and Monte Carlo
Goethe's Faust, part one
Weimar Republic hyperinflation
Weltanschauung in Dilthey
Gestalt psychology
Bildungsroman as a genre
Eigenvalue problem for the Laplacian
Ansatz for the wave function
Bremsstrahlung spectrum
Angst and ennui in modernism
Coup d'état in Chile
Laissez-faire economics
Cogito ergo sum
Pâtisserie basics: croissant dough
Champs-Élysées and Haussmann's Paris
Michel Foucault: Discipline and Punish
Pierre Bourdieu on habitus
Borges: Ficciones
Gabriel García Márquez and magical realism
Simón Bolívar
Tango in Buenos Aires
Dante's Inferno, Canto V
Opera seria and opera buffa
Niccolò Machiavelli
Leonardo da Vinci's notebooks
Tolstoy's Anna Karenina
Perestroika and glasnost
Sputnik
Kolmogorov complexity
Lyapunov exponents
Béla Bartók
János Bolyai's geometry
Erdős number
Atatürk reforms
Ingmar Bergman
Hygge
Tycho Brahe's observations
Van Gogh in Arles
Apartheid
Git rebase and merge conflicts
async/await in JavaScript
RAG with LangChain and Chroma
LoRA adapters: rank, alpha, dropout
BERT, GPT and T5
Overfitting
Recap
Course logistics
Midterm review
Virtual memory and paging
Mutex, semaphore, deadlock
TLS handshake
Vaccines and herd immunity
Photosystem II
Tort law
Habeas corpus
Keynes versus Hayek
Phillips curve
Solow model
Ribosome structure
Chiral molecules
Diels–Alder reaction
Black holes and Hawking radiation
Dark matter candidates
Higgs mechanism
Poisson distribution
Markov chains
Student's t-test
Confidence intervals
Null hypothesis
Turing machine
Halting problem
Regex basics
Pandas DataFrame
SQL joins
Data pipeline
Model deployment
Prompt engineering
Token limits
Vector databases
Quiz answers
Lab safety
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
Načítání dat z CSV souboru
Trénink s nízkou rychlostí učení
Proč porotce dává přednost dlouhým odpovědím
Licence a komerční použití
Rozdělení na trénovací a testovací část
Virtuální paměť a stránkování
Černé díry a Hawkingovo záření
Dotazy
Závěr
Přestávka
Temná hmota
Struktura ribozomu
Keynes proti Hayekovi
Ukázka v Jupyter notebooku
Instalace PyTorch
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
Virtueller Speicher und Seitenverwaltung
Schwarze Löcher und Hawking-Strahlung
Warum der Gutachter lange Antworten bevorzugt
Lizenzen und kommerzielle Nutzung
Zusammenfassung
Fragen aus dem Publikum
Dunkle Materie
Aufbau des Ribosoms
Installation von PyTorch
Die Phillips-Kurve
Impfungen und Herdenimmunität
Pause
Vektordatenbanken
Das Halteproblem
Vertrauensintervalle
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
Memoria virtual y paginación
Agujeros negros y radiación de Hawking
Licencias y uso comercial
Resumen
Preguntas del público
Materia oscura
Estructura del ribosoma
Instalación de PyTorch
La curva de Phillips
Vacunas e inmunidad de grupo
Bases de datos vectoriales
El problema de la parada
Intervalos de confianza
Descanso
Conclusiones
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
Mémoire virtuelle et pagination
Trous noirs et rayonnement de Hawking
Licences et usage commercial
Résumé
Questions du public
Matière noire
Structure du ribosome
Installation de PyTorch
La courbe de Phillips
Vaccins et immunité collective
Bases de données vectorielles
Le problème de l'arrêt
Intervalles de confiance
Pause
Conclusion et perspectives
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
Pamięć wirtualna i stronicowanie
Czarne dziury i promieniowanie Hawkinga
Licencje i użycie komercyjne
Podsumowanie
Pytania z sali
Ciemna materia
Budowa rybosomu
Instalacja PyTorch
Krzywa Phillipsa
Szczepienia i odporność zbiorowa
Bazy wektorowe
Problem stopu
Przedziały ufności
Przerwa
Dlaczego model zmyśla odpowiedzi
""",
    "it": """
Memoria virtuale e paginazione
Buchi neri e radiazione di Hawking
Licenze e uso commerciale
Riassunto
Domande dal pubblico
Materia oscura
Struttura del ribosoma
Installazione di PyTorch
La curva di Phillips
Vaccini e immunità di gregge
Basi di dati vettoriali
Il problema della fermata
Intervalli di confidenza
Introduzione all'apprendimento automatico
Perché il modello si inventa le risposte
""",
    "pt": """
Memória virtual e paginação
Buracos negros e radiação de Hawking
Licenças e uso comercial
Resumo
Perguntas do público
Matéria escura
Estrutura do ribossomo
Instalação do PyTorch
A curva de Phillips
Vacinas e imunidade de grupo
Bancos de dados vetoriais
O problema da parada
Intervalos de confiança
Introdução ao aprendizado de máquina
Por que o modelo inventa respostas
""",
    "hu": """
Virtuális memória és lapozás
Fekete lyukak és Hawking-sugárzás
Licencek és kereskedelmi használat
Összefoglalás
Kérdések a közönségtől
Sötét anyag
A riboszóma szerkezete
A PyTorch telepítése
A Phillips-görbe
Védőoltások és nyájimmunitás
Vektoradatbázisok
A megállási probléma
Konfidenciaintervallumok
Bevezetés a gépi tanulásba
Miért talál ki válaszokat a modell
""",
    "sv": """
Virtuellt minne och sidindelning
Svarta hål och Hawkingstrålning
Licenser och kommersiell användning
Sammanfattning
Frågor från publiken
Mörk materia
Ribosomens uppbyggnad
Installation av PyTorch
Phillipskurvan
Vacciner och flockimmunitet
Vektordatabaser
Stopproblemet
Konfidensintervall
Introduktion till maskininlärning
Varför modellen hittar på svar
""",
    "nl": """
Virtueel geheugen en paginering
Zwarte gaten en Hawkingstraling
Licenties en commercieel gebruik
Samenvatting
Vragen uit het publiek
Donkere materie
De bouw van het ribosoom
Installatie van PyTorch
De Phillipscurve
Vaccins en groepsimmuniteit
Vectordatabases
Het stopprobleem
Betrouwbaarheidsintervallen
Inleiding tot machinaal leren
Waarom het model antwoorden verzint
""",
    "tr": """
Sanal bellek ve sayfalama
Kara delikler ve Hawking ışıması
Lisanslar ve ticari kullanım
Özet
Dinleyicilerden sorular
Karanlık madde
Ribozomun yapısı
PyTorch kurulumu
Phillips eğrisi
Aşılar ve sürü bağışıklığı
Vektör veritabanları
Durma problemi
Güven aralıkları
Makine öğrenmesine giriş
Model neden cevap uyduruyor
""",
    "uk": """
Віртуальна пам'ять
Чорні діри та випромінювання Гокінга
Ліцензії
Темна матерія
Встановлення PyTorch
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
    assert len(wrong) <= len(ENGLISH) * 0.025, wrong


@pytest.mark.parametrize("spoken", OTHER)
def test_english_titles_that_were_left_as_they_are_are_believed(spoken: str) -> None:
    assert {title for title in ENGLISH if is_foreign_beyond_doubt(title, "en", spoken)} <= {"Déjà vu"}


@pytest.mark.parametrize("spoken", OTHER)
def test_titles_in_the_lectures_language_are_found(spoken: str) -> None:
    titles = OTHER[spoken].strip().splitlines()
    missed = [t for n, t in enumerate(titles) if n not in foreign(titles, "en", spoken)]
    assert len(missed) <= len(titles) * 0.15, missed


@pytest.mark.parametrize("spoken", OTHER)
def test_a_single_title_among_english_ones_is_mostly_found(spoken: str) -> None:
    titles = OTHER[spoken].strip().splitlines()
    found = [title for title in titles if foreign([title, *ENGLISH[:8]], "en", spoken) == [0]]
    assert len(found) >= len(titles) * 0.6, set(titles) - set(found)


def test_all_titles_together_are_judged_nearly_always_right() -> None:
    found = sum(len(foreign(t.strip().splitlines(), "en", spoken)) for spoken, t in OTHER.items())
    there = sum(len(t.strip().splitlines()) for t in OTHER.values())
    wrong = sum(len(foreign(ENGLISH, "en", spoken)) for spoken in OTHER)
    assert found >= there * 0.95
    assert wrong <= len(ENGLISH) * len(OTHER) * 0.006


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
