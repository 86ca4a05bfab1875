// The company lookup of efactura-sdk as its users call it; the first argument is the folder it is installed in.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.argv[2], 'package.json'));
const { AnafDetailsClient } = require('efactura-sdk');
const client = new AnafDetailsClient();

const two = await client.batchGetCompanyData(['RO90000006', '90000022']);
assert.equal(two.success, true, two.error);
assert.deepEqual(two.data.map((one) => one.vatCode), ['90000006', '90000022']);
assert.equal(two.data[0].isVatPayer, true);
assert.equal(two.data[0].registrationNumber, 'J29/750/2012');
assert.equal(two.data[0].address.county, 'PRAHOVA');

// Nobody found is 404 with the usual JSON, which it has words for.
const none = await client.getCompanyData('99999999');
assert.deepEqual([none.success, none.error], [false, 'Companies not found for the provided VAT codes.']);

console.log(JSON.stringify({ client: 'efactura-sdk', found: two.data.length }));
