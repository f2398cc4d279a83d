"""Prompt → Reply: whatever answers prompts."""
