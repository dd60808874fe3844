'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const {
  expectEnvelope,
  expectRefusal,
  unknownColumn,
  unknownTable,
  useServer,
} = require('../harness');

let client;
let rows;

const server = useServer({}, async (started) => {
  client = await started.client();
  rows = client.Data.of('Row');
  const kinds = ['cat', 'dog', 'cow', 'cat'];
  await rows.bulkCreate(Array.from({ length: 100 }, (_, n) => ({ n, kind: kinds[n % 4] })));
});

const query = () => Backendless.DataQueryBuilder.create();

test('without a clause every record counts', async () => {
  assert.equal(await rows.getObjectCount(), 100);
});

test('a clause counts what it matches, as a text and in a builder', async () => {
  assert.equal(await rows.getObjectCount("kind = 'cat'"), 50);
  assert.equal(await rows.getObjectCount(query().setWhereClause('n < 7')), 7);
  assert.equal(await rows.getObjectCount('n > 1000'), 0);
});

test('a page size does not matter to a count', async () => {
  assert.equal(await rows.getObjectCount(query().setPageSize(3).setOffset(50)), 100);
});

test('with groupBy the groups are counted', async () => {
  assert.equal(await rows.getObjectCount(query().setGroupBy('kind')), 3);
  assert.equal(await rows.getObjectCount(query().setGroupBy(['kind', 'n'])), 100);
  const cats = query().setGroupBy(['kind']).setWhereClause("kind = 'cat'").setDistinct(true);
  assert.equal(await rows.getObjectCount(cats), 1);
});

test('distinct alone counts every record, since every record is another', async () => {
  assert.equal(await rows.getObjectCount(query().setDistinct(true)), 100);
});

test('a count is a bare number', async () => {
  const answer = await server.call('POST', '/data/Row/count', { json: {} });

  assert.equal(answer.text, '100');
});

test('a count of what is not there is refused', async () => {
  await expectRefusal(client.Data.of('Nowhere').getObjectCount(), unknownTable('Nowhere'));
  await expectRefusal(rows.getObjectCount('nothing = 1'), unknownColumn('nothing', 'Row'));
  await expectRefusal(rows.getObjectCount(query().setGroupBy('nothing')), { code: 1006 });
  await expectRefusal(rows.getObjectCount('n ='), { code: [1017, 19000] });
  expectEnvelope(await server.call('POST', '/data/Row/count', { raw: '[' }), { code: 8002 });
  assert.equal(await server.table('Nowhere'), undefined);
});
