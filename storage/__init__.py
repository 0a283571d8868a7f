"""The alert database: tables, migrations, the explainer's writes and everyone's queries. Imports contracts alone."""
