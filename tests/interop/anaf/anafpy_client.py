"""anafpy (PyPI, 0.13.3), unmodified, through e-Factura and e-Transport: it believes it talks to ANAF.

Argument: the invoice to file. Ends with a line of JSON that says what was seen.
"""

import asyncio
import datetime as dt
import json
import sys
import time
import urllib.parse
from decimal import Decimal

import httpx2
from anafpy.auth import MemoryTokenStore, TokenProvider
from anafpy.auth.oauth import build_authorize_url, exchange_code
from anafpy.efactura import EFacturaClient
from anafpy.etransport import ETransportClient
from anafpy.etransport import models as transport
from anafpy.exceptions import AnafError
from anafpy.public import PublicClient

SELLER, BUYER = "90000006", "90000014"


async def control(http, path, method, body=None):
    answer = await http.request(method, f"https://api.anaf.ro/_sandbox/anaf{path}", json=body)
    answer.raise_for_status()


async def sign_in(http):
    address = build_authorize_url("demo-client", "https://localhost:9002/callback", state="s")
    redirect = await http.get(address, follow_redirects=False)
    assert redirect.status_code == 302, redirect.text
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(redirect.headers["location"]).query)
    assert query["state"] == ["s"]
    return await exchange_code(
        http, client_id="demo-client", client_secret="demo-secret", code=query["code"][0],
        redirect_uri="https://localhost:9002/callback",
    )


async def invoices(provider, http, xml):
    seen = {}
    async with PublicClient() as public:
        assert (await public.validate_invoice(xml)).valid
        broken = await public.validate_invoice(xml.replace(b">RO-MM<", b">Maramures<"))
        assert not broken.valid and any("BR-RO-110" in text for text in broken.messages), broken.messages
        assert (await public.render_invoice_pdf(xml)).startswith(b"%PDF-")
        assert (await public.render_invoice_pdf(xml, validate=False)).startswith(b"%PDF-")
    async with EFacturaClient(provider) as client:
        status = await client.upload_and_wait(xml, cif=SELLER, initial_wait=0.1, timeout=30)
        assert status.state.value == "ok", status
        archive = await client.download(status.download_id)
        assert archive.content_xml == xml and archive.document is not None
        assert (await client.validate_signature(archive.content_xml, archive.signature_xml)).valid
        assert not (await client.validate_signature(b"<a/>", archive.signature_xml)).valid
        again = await client.upload_and_wait(xml, cif=SELLER, initial_wait=0.1, timeout=30)
        assert again.state.value == "nok", again
        assert b"a mai fost transmisa anterior" in (await client.download(again.download_id)).content_xml
        rejected = await client.upload(b"<Invoice1/>", cif=SELLER)
        assert not rejected.accepted and "cvc-elt.1.a" in rejected.errors[0], rejected

        await control(http, "/invoices", "POST",
                      {"environment": "prod", "seller": SELLER, "buyer": BUYER, "count": 501, "age_s": 3600})
        received = [message async for message in client.list_messages(cif=BUYER, days=60)]
        assert len(received) >= 501, len(received)
        seen["listed"] = len(received)
        # Ten minutes ahead of ANAF is more than its margin: it has to correct its window by ANAF's own words.
        await control(http, "", "PUT", {"polls": 1, "lag_s": 0, "clock_skew_s": -600})
        assert [m async for m in client.list_messages(cif=BUYER, days=60)]
        await control(http, "", "PUT", {"polls": 1, "lag_s": 0})
        # Tokens die: it takes new ones after a 401, and both rotate.
        await control(http, "/tokens?which=access", "DELETE")
        try:
            await client.get_status("1")
        except AnafError as error:
            assert "Nu exista factura" in str(error), error
        for fault in ["block-page", "too-many-requests", "no-content", "half-answer", "quota"]:
            await control(http, "/faults", "PUT", [{"operation": "stareMesaj", "fault": fault}])
            try:
                await client.get_status("5001234501")
                raise AssertionError(f"{fault} was not noticed")
            except AnafError:
                pass
    return seen


async def transports(provider):
    address = transport.FlatTransportAddress(county="CLUJ", locality="Baia Mare", street="Str. Exemplului 1")
    document = transport.FlatTransport(
        declarant_ref="R-1", operation_type="TTN",
        partner=transport.FlatTransportPartner(country="RO", name="UAT COMUNA DEMO", code=BUYER),
        vehicle=transport.FlatTransportVehicle(
            plate="MM01TST", carrier_name="DEMO SRL", carrier_country="RO", carrier_code=SELLER,
            transport_date=dt.date.today(),
        ),
        start_location=transport.FlatTransportLocation(address=address),
        end_location=transport.FlatTransportLocation(address=address),
        goods=[transport.FlatTransportGood(
            operation_scope="COMERCIALIZARE", name="Cherestea", quantity=Decimal("1"), unit_code="KGM",
            gross_weight=Decimal("10"), net_weight=Decimal("9"), tariff_code="4407", value_ron=Decimal("100"),
        )],
        documents=[transport.FlatTransportDocument(doc_type="FACTURA", date=dt.date.today(), number="A1")],
    )
    async with ETransportClient(provider) as client:
        result = await client.upload_document(document, cif=SELLER)
        assert result.accepted and result.uit, result
        assert (await client.get_status(result.upload_id)).state.value == "in prelucrare"
        assert (await client.get_status(result.upload_id)).state.value == "ok"
        listed = [one async for one in client.list_notifications(days=1, cif=SELLER)]
        assert listed[0].uit == result.uit and listed[0].plate == "MM01TST", listed
        assert [one async for one in client.list_notifications(days=1, cif=BUYER)] == []
        assert (await client.info(organizer_cui=SELLER)).items[0].uit == result.uit
        deleted = await client.upload_document(transport.FlatDeletion(uit=result.uit), cif=SELLER)
        assert deleted.accepted, deleted
        assert (await client.info(organizer_cui=SELLER)).items == []
        refused = await client.upload(b"<a/>", cif=SELLER)
        assert not refused.accepted and refused.errors, refused
    return {"uit": result.uit}


async def main():
    xml = open(sys.argv[1], "rb").read().replace(b"DEMO-2026-0001", f"PY-{time.time_ns()}".encode())
    async with httpx2.AsyncClient() as http:
        await control(http, "", "PUT", {"polls": 1, "lag_s": 0})
        store = MemoryTokenStore(await sign_in(http))
        provider = TokenProvider(client_id="demo-client", client_secret="demo-secret", store=store, http=http)
        seen = await invoices(provider, http, xml) | await transports(provider)
    print(json.dumps({"client": "anafpy", **seen}))


asyncio.run(main())
