# Poetry, with PyPI in the place of an index that cannot be reached.

import sys

from poetry.console.application import main
from poetry.factory import Factory

AWAY = "https://download.pytorch.org/whl/cpu"

create = Factory.create_package_source


def elsewhere(source, *args, **kwargs):
    if source.get("url") == AWAY:
        source = {**source, "url": "https://pypi.org/simple/"}
    return create(source, *args, **kwargs)


Factory.create_package_source = staticmethod(elsewhere)
sys.exit(main())
