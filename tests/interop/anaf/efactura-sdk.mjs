// efactura-sdk (npm, 3.0.8), unmodified, through everything it can do: it believes it talks to ANAF.
// Arguments: the folder whose node_modules has it. Ends with a line of JSON that says what was seen.

import { createRequire } from 'node:module';
import { strict as assert } from 'node:assert';

const require = createRequire(`${process.argv[2]}/`);
const { AnafAuthenticator, AnafEfacturaClient, UblBuilder } = require('efactura-sdk');
const decompress = require('decompress');

const control = (path, method, body) =>
  fetch(`https://api.anaf.ro/_sandbox/anaf${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });

// A person with a certificate stands where the twin has none: the redirect is read instead of followed.
const authenticator = new AnafAuthenticator({
  clientId: 'demo-client',
  clientSecret: 'demo-secret',
  redirectUri: 'https://localhost:9002/callback',
});
const redirect = await fetch(authenticator.getAuthorizationUrl(), { redirect: 'manual' });
assert.equal(redirect.status, 302);
const code = new URL(redirect.headers.get('location')).searchParams.get('code');
const tokens = await authenticator.exchangeCodeForToken(code);
assert.equal(tokens.expires_in, 7776000);

await control('', 'PUT', { polls: 1, lag_s: 0 });

const client = (vatNumber) =>
  new AnafEfacturaClient(
    { vatNumber, testMode: false, refreshToken: tokens.refresh_token, accessToken: tokens.access_token, expiresAt: Date.now() + 3_600_000 },
    authenticator,
  );
const seller = client('RO90000006');

const party = (registrationName, companyId, isVatPayer) => ({
  registrationName,
  companyId,
  isVatPayer,
  registrationNumber: 'J2025900001003',
  address: { street: 'Str. Exemplului 1', city: 'Baia Mare', postalZone: '430122', county: 'Maramureș', country: 'Romania' },
});
const invoice = (invoiceNumber) =>
  new UblBuilder().generateInvoiceXml({
    invoiceNumber,
    issueDate: '2026-01-15',
    supplier: party('DEMO MESTEACANUL SRL', 'RO90000006', true),
    customer: party('UAT COMUNA DEMO', '90000014', false),
    lines: [{ name: 'Servicii de proba', quantity: 2, unitPrice: 50, taxPercent: 21 }],
    paymentIban: 'RO49AAAA1B31007593840000',
  });
const number = `SDK-${Date.now()}`;
const xml = invoice(number);

const valid = await seller.validateXml(xml);
assert.equal(valid.valid, true, valid.details);
const invalid = await seller.validateXml(xml.replace('121.00', '122.00'));
assert.equal(invalid.valid, false);
const pdf = await seller.convertXmlToPdf(xml);
assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');

const uploaded = await seller.uploadDocument(xml);
assert.match(String(uploaded.indexIncarcare), /^\d+$/);
const first = await seller.getStatusMessage(String(uploaded.indexIncarcare));
assert.equal(first.stare, 'in prelucrare');
const second = await seller.getStatusMessage(String(uploaded.indexIncarcare));
assert.equal(second.stare, 'ok');

const zip = await seller.downloadDocument(String(second.idDescarcare));
const members = await decompress(zip);
const names = members.map((member) => member.path).sort();
assert.deepEqual(names, [`${uploaded.indexIncarcare}.xml`, `semnatura_${uploaded.indexIncarcare}.xml`]);
const [document, signature] = members.sort((a, b) => (a.path < b.path ? -1 : 1)).map((member) => Buffer.from(member.data));
assert.equal(document.toString(), xml);
// This client asks for the signature under the base path, where ANAF has no such service: unknown paths are 403.
await assert.rejects(seller.validateSignature(document, signature, 'f.xml', 's.xml'), /403/);
const judge = async (file) => {
  const form = new FormData();
  form.append('file', new Blob([file]), 'f.xml');
  form.append('signature', new Blob([signature]), 's.xml');
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const answer = await fetch('https://api.anaf.ro/api/validate/signature', { method: 'POST', body: form, headers });
  return (await answer.json()).msg;
};
assert.match(await judge(document), /au fost validate cu succes/);
assert.match(await judge(Buffer.from('<a/>')), /NU au putut fi validate cu succes/);

const listed = await seller.getMessages({ zile: 7 });
assert.ok(listed.mesaje.some((message) => message.id === String(second.idDescarcare)));
const now = Date.now();
const page = await seller.getMessagesPaginated({ startTime: now - 86_400_000, endTime: now - 1_000, pagina: 1 }).catch((error) => error);
// Its clock and ours are one; what was filed this very second may be outside of the window.
assert.ok(page.mesaje ? page.numar_total_pagini === 1 : /Nu exista mesaje/.test(page.message), String(page));

const duplicate = await seller.uploadDocument(xml);
await seller.getStatusMessage(String(duplicate.indexIncarcare));
const refused = await seller.getUploadStatus(String(duplicate.indexIncarcare));
assert.equal(refused.stare, 'nok');
assert.match(refused.errors.join(), /a mai fost transmisa anterior/);

const consumer = await client('90000006').uploadB2CDocument(invoice(`${number}-B2C`));
assert.match(String(consumer.indexIncarcare), /^\d+$/);

// Tokens die; the client takes new ones by itself, and only the newest refresh token is good.
await control('/tokens?which=access', 'DELETE');
const tired = new AnafEfacturaClient({ vatNumber: '90000006', testMode: false, refreshToken: tokens.refresh_token }, authenticator);
assert.equal((await tired.getStatusMessage(String(uploaded.indexIncarcare))).stare, 'ok');
await assert.rejects(authenticator.refreshAccessToken(tokens.refresh_token));

await control('/faults', 'PUT', [
  { operation: 'upload', fault: 'block-page' },
  { operation: 'upload', fault: 'refusal' },
  { operation: 'stareMesaj', fault: 'too-many-requests' },
]);
await assert.rejects(tired.uploadDocument(xml));
const rejected = await tired.uploadDocument(xml);
assert.equal(rejected.indexIncarcare, undefined);
assert.match(JSON.stringify(rejected), /eroare tehnica/);
await assert.rejects(tired.getStatusMessage(String(uploaded.indexIncarcare)));

console.log(JSON.stringify({ client: 'efactura-sdk', index: uploaded.indexIncarcare, members: names.length }));
