"""A SOAP service made with spyne. At /semnat, what comes is verified and what goes is signed, both by zeep's WS-Security.

Prints its port, serves until its input ends.
"""

import base64
import hashlib
import logging
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import xmlsec
from lxml import etree
from spyne import Application, Fault, Integer, ServiceBase, Unicode, rpc
from spyne.protocol.soap import Soap11, Soap12
from spyne.server.wsgi import WsgiApplication
from zeep.wsse.signature import BinarySignature, verify_envelope

logging.disable(logging.CRITICAL)
client_certificate, own_key, own_certificate = sys.argv[1:4]
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"


class Registratura(ServiceBase):
    kept = {}

    @rpc(Unicode, Unicode, _returns=Unicode)
    def inregistreaza(ctx, cheie, continut):
        if not continut:
            raise Fault("Client.Continut", "Conținutul lipsește.")
        if continut == "cade":
            raise Fault("Server", "Registratura nu merge acum.")
        number = Registratura.kept.setdefault(cheie, (len(Registratura.kept) + 1, continut))[0]
        return f"R-{number}"

    @rpc(Unicode, _returns=Unicode)
    def cauta(ctx, cheie):
        found = Registratura.kept.get(cheie)
        return f"R-{found[0]}" if found else None


def application(protocol):
    return WsgiApplication(
        Application([Registratura], "urn:test:registratura", in_protocol=protocol(validator="lxml"), out_protocol=protocol())
    )


plain, newer = application(Soap11), application(Soap12)


def call(app, environ, body):
    import io

    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
    said = {}
    answer = b"".join(app(environ, lambda status, headers, *_: said.update(status=status, headers=headers)))
    return said["status"], answer


def known(envelope):
    """Whether the digest of the UsernameToken is the one of its password."""
    token = envelope.find(f".//{WSSE}UsernameToken")
    nonce = base64.b64decode(token.find(f"{WSSE}Nonce").text)
    created = token.find(f"{WSU}Created").text
    digest = hashlib.sha1(nonce + created.encode() + "pârola<&>".encode()).digest()
    return token.find(f"{WSSE}Username").text == "hub" and base64.b64encode(digest).decode() == token.find(f"{WSSE}Password").text


def serve(environ, start):
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    path, type = environ["PATH_INFO"], environ.get("CONTENT_TYPE", "").split(";")[0]
    environ["PATH_INFO"] = "/"
    envelope = etree.fromstring(body)
    if path == "/semnat":
        verify_envelope(envelope, client_certificate)
    if path == "/cont" and not known(envelope):
        start("401 Unauthorized", [("Content-Type", "text/plain")])
        return [b"nu"]
    header = envelope.find("{*}Header")
    if header is not None:
        envelope.remove(header)
    status, answer = call(newer if path == "/nou" else plain, environ, etree.tostring(envelope))
    if path == "/semnat":
        made = etree.fromstring(answer)
        signer = BinarySignature(
            own_key, own_certificate, signature_method=xmlsec.Transform.RSA_SHA256, digest_method=xmlsec.Transform.SHA256
        )
        answer = etree.tostring(signer.apply(made, {})[0])
    start(status, [("Content-Type", f"{type}; charset=utf-8"), ("Content-Length", str(len(answer)))])
    return [answer]


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


server = make_server("127.0.0.1", 0, serve, handler_class=Quiet)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
