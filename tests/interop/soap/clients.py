"""zeep, unmodified, as a client of the RAN and RENNS twins. Prints one JSON object for the Rust test to look at."""

import json
import sys
import zlib

import requests
from zeep import Client
from zeep.exceptions import Fault, SignatureVerificationFailed
from zeep.transports import Transport
from zeep.wsse.signature import verify_envelope
from zeep.wsse.username import UsernameToken

ran, renns, certificate, stranger, document, code = sys.argv[1:7]


class Verified(UsernameToken):
    """A UsernameToken on what goes out, and the answer's signature checked with somebody's certificate."""

    def __init__(self, *arguments, certificate, **options):
        super().__init__(*arguments, **options)
        self.certificate = certificate

    def verify(self, envelope):
        verify_envelope(envelope, self.certificate)
        return envelope


def fault_of(call, *arguments):
    try:
        call(*arguments)
    except Fault as fault:
        inside = fault.detail[0] if fault.detail is not None and len(fault.detail) else None
        found = {child.tag.split("}")[-1]: child.text for child in inside} if inside is not None else {}
        return {"code": fault.code, "message": fault.message, **found}
    return None


def session(user, password):
    made = requests.Session()
    made.trust_env = False
    made.auth = (user, password)
    return Transport(session=made, timeout=20)


def plain():
    made = requests.Session()
    made.trust_env = False
    return Transport(session=made, timeout=20)


said = {}
service = Client(ran + "?wsdl", transport=session("110116", "jeton-110116")).service
said["schema"] = service.getTransmitereXsdSchema()
packed = zlib.compress(open(document, "rb").read())
said["taken"] = service.transmitere(packed) is None
status = service.getStatusTransmisie(code)
said["status"] = {"state": status.stareTransmisie, "signed": status.isRecipisaSemnata}
said["again"] = fault_of(service.transmitere, packed)
said["other"] = fault_of(Client(ran + "?wsdl", transport=session("110063", "jeton-110063")).service.transmitere, packed)
said["stranger"] = fault_of(Client(ran + "?wsdl", transport=session("110116", "x")).service.transmitere, packed)

account = ("institutie", "parola-institutie")
for name, token in [("text", UsernameToken(*account)), ("digest", UsernameToken(*account, use_digest=True))]:
    client = Client(renns + "roads.wsdl", wsse=token, transport=plain())
    said[name] = [[row.name, row.hcl, str(row.hclDate)] for row in client.service.getRoadWS(county="Mehedinti", name="TEILOR")]
wrong = Client(renns + "roads.wsdl", wsse=UsernameToken("institutie", "x"), transport=plain())
said["wrong"] = fault_of(lambda: wrong.service.getRoadWS(county="MEHEDINȚI"))

requests.put(renns.replace("renns-public/soapws/", "_sandbox/renns"), json={"sign_answers": True}, proxies={"http": ""})
signed = Client(renns + "addresses.wsdl", wsse=Verified(*account, certificate=certificate), transport=plain())
found = signed.service.getAddressWS(county="MEHEDINȚI", cua="1000000002")
said["signed"] = [[row.name, row.cua, row.history] for row in found]
try:
    Client(renns + "addresses.wsdl", wsse=Verified(*account, certificate=stranger), transport=plain()).service.getAddressWS(
        county="MEHEDINȚI"
    )
    said["believed"] = True
except SignatureVerificationFailed:
    said["believed"] = False
print(json.dumps(said, ensure_ascii=False))
