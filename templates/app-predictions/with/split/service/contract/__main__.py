"""`python -m contract` writes what the other service relies on; `--check` fails if it changed."""

import argparse
import sys
from difflib import unified_diff

from contract.document import FILE, text


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m contract", description="Write the contract.")
    parser.add_argument("--check", action="store_true", help="fail if it would change, write none")
    options = parser.parse_args(arguments)
    name = f"{FILE.parent.name}/{FILE.name}"
    old, new = FILE.read_text("utf-8") if FILE.exists() else "", text()
    if old == new:
        print(f"{name} says what the service says")
    elif options.check:
        was, now = old.splitlines(keepends=True), new.splitlines(keepends=True)
        sys.stderr.writelines(unified_diff(was, now, name, "what the service says"))
        sys.exit(f"{name} does not say what the service says; see `contract` in README.md")
    else:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(new, "utf-8")
        print(f"{name} is written anew")


if __name__ == "__main__":
    main()
