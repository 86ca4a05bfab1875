"""The public registers and SPV through anafpy, as its users call it.

Arguments: a PEM file with a certificate and its key, for the log-in of SPV.
"""

import asyncio
import json
import os
import sys

from anafpy.declaratii.status import DeclarationStatusClient
from anafpy.exceptions import AnafAuthError, AnafResponseError
from anafpy.public.client import PublicClient
from anafpy.spv.auth import SpvSessionProvider
from anafpy.spv.bootstrap import CurlBootstrapper
from anafpy.spv.client import SpvClient
from anafpy.spv.models import ReportRequest, ReportType
from anafpy.spv.session import MemorySessionStore


async def public() -> dict:
    async with PublicClient() as client:
        found = await client.lookup_taxpayers([90000006, 90000057, 99999999])
        assert [one.cui for one in found.found] == [90000006, 90000057], found
        assert found.not_found == [99999999]
        first, second = found.found
        assert first.vat_registered and len(first.vat.periods) == 2
        assert first.general.trade_register_number == "J29/750/2012"
        assert second.general.phone is None, "a space is nothing"
        assert second.general.caen_code == "610" and second.vat_on_collection.registered
        try:
            await client.lookup_taxpayers([99999999])
            raise AssertionError("this client takes the 404 of the taxpayers' register for an error")
        except AnafResponseError as error:
            assert error.status_code == 404
        joined = await client.lookup_efactura_register([90000006, 90000014])
        assert joined.found[0].enrolment_date == "2022-03-01" and joined.not_found == [90000014]
        nobody = await client.lookup_efactura_register([99999999])
        assert (nobody.found, nobody.not_found) == ([], [99999999])
        farmers = await client.lookup_farmers([90000014, 90000006])
        assert [one.registered for one in farmers.found] == [True, False]
        cults = await client.lookup_cult_entities([90000022], date="2030-01-01")
        assert cults.found[0].registered
        statement = await client.get_financial_statement(90000006, 2024)
        assert statement.name and statement.indicators == [], "a program gets no indicators"
    async with DeclarationStatusClient() as client:
        filed = await client.check_status(130000001, "RO12345674")
        assert filed.found and len(filed.documents) == 3, filed
        assert [one.receipt_available for one in filed.documents] == [True, True, False]
        assert not (await client.check_status(130000001, 90000006)).found
        assert (await client.download_receipt(130000001)).startswith(b"%PDF")
        assert await client.download_receipt(1) is None
    return {"taxpayers": len(found.found), "filings": len(filed.documents)}


async def private(identity: str) -> dict:
    # The platform is only asked for the syntax of --cert; a file is what every curl takes.
    bootstrapper = CurlBootstrapper(identity, curl_path="/usr/bin/curl", platform="darwin", timeout=30)
    store = MemorySessionStore()
    async with SpvClient(SpvSessionProvider(store=store, bootstrapper=bootstrapper)) as client:
        try:
            await client.list_messages(50)
            raise AssertionError("there is no session yet")
        except AnafAuthError:
            pass
        session = await client.login()
        assert session.is_authenticated_shape
        listing = await client.list_messages(50)
        kinds = [message.type_ for message in listing.messages]
        assert "DECLARATIE " in kinds and "1800101221144" in listing.authorized_cuis
        document = await client.download_document(listing.messages[0].id)
        assert document.is_pdf
        request = ReportRequest(type_=ReportType.ADEVERINTE_VENIT, cui="1800101221144", year=2025, reason="Ajutor social")
        taken = await client.request_report(request)
        report = await client.wait_for_report(taken.request_id, initial_wait=0.05, max_wait=0.2, timeout=30)
        assert report.is_pdf and b"Ajutor social" in report.content
        try:
            await client.request_report(ReportRequest(type_=ReportType.D101, cui="90000006", year=2025))
            raise AssertionError("there is no right on that code")
        except AnafResponseError as error:
            assert "Nu veti drept" in str(error) and "no SPV rights" in str(error)
    return {"messages": len(kinds), "serial": listing.certificate_serial}


async def main() -> None:
    seen = {"client": "anafpy", **(await public()), **(await private(sys.argv[1]))}
    print(json.dumps(seen))


# curl, which the client starts, has a variable of its own.
os.environ["CURL_CA_BUNDLE"] = os.environ["SSL_CERT_FILE"]
asyncio.run(main())
