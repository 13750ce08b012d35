import os
from pathlib import Path

Path("migrated.txt").write_text(os.environ["DATABASE_URL"] + "\n", encoding="utf-8")
print("migrated")
