"""Judges a package with eark-validator: its structure, its METS against the schemas, and the rules of CSIP and SIP.

The validator reads four vocabularies from the network while it starts; it carries the same files, so they are read from
there. Answers JSON: structure, schema errors of every METS, and each rule that was broken with its severity and place.
"""
import io
import json
import pathlib
import sys
import urllib.request
from importlib.util import find_spec

carried = pathlib.Path(find_spec("eark_validator").submodule_search_locations[0]) / "ipxml/resources/vocabs"
urllib.request.urlopen = lambda url: io.BytesIO((carried / url.rsplit("/", 1)[1]).read_bytes())

from eark_validator.infopacks.manifest import Manifests  # noqa: E402
from eark_validator.ipxml.schema import IP_SCHEMA  # noqa: E402
from eark_validator.packages import PackageValidator  # noqa: E402
from lxml import etree  # noqa: E402

package, root = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
report = PackageValidator(package).validation_report
told = lambda results: [[one.severity.name, one.rule_id, one.location, one.message] for one in results]
schema = {}
for mets in [root / "METS.xml", *root.glob("representations/*/METS.xml")]:
    document = etree.parse(str(mets))
    for name in ("csip", "sip"):
        IP_SCHEMA[name].validate(document)
        schema[f"{mets.relative_to(root)} {name}"] = [str(error) for error in IP_SCHEMA[name].error_log]
sound, issues = Manifests.validate_manifest(Manifests.from_source(root / "METS.xml"))
print(json.dumps({
    "structure": report.structure.status.name,
    "structure_messages": told(report.structure.messages),
    "schema": schema,
    "metadata": told(report.metadata.schema_results.messages) if report.metadata else None,
    "rules": told(report.metadata.schematron_results.messages) if report.metadata else None,
    "manifest": [sound, issues],
}))
