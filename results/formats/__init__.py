"""Tables as text: Markdown, LaTeX, HTML, JSON, a terminal, and the results files of ERASER."""
