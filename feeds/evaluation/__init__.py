"""The evaluation of the ranker as a command: it reads data, lets `ranking.evaluation` judge, and writes the page."""
