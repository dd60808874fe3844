'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectRefusal, freshTable, toMany, unknownTable, useServer } = require('../harness');

let client;
let steps;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Step', { n: 'INT', parts: toMany('Step') });
  steps = client.Data.of('Step');
  await saveLater(2);
  await saveLater(3);
  await saveLater(1);
});

let latest = 0;

/** Saves a record whose time of creation differs from that of the one before. */
async function saveLater(n) {
  for (;;) {
    const saved = await steps.save({ n });
    if (saved.created > latest) {
      latest = saved.created;
      return;
    }
    await steps.remove(saved);
  }
}

test('without a sort, the first and the last go by their creation', async () => {
  assert.equal((await steps.findFirst()).n, 2);
  assert.equal((await steps.findLast()).n, 1);
});

test('a sort of the caller decides, for both', async () => {
  const query = () => Backendless.DataQueryBuilder.create();

  assert.equal((await steps.findFirst(query().setSortBy('n'))).n, 1);
  assert.equal((await steps.findLast(query().setSortBy('n desc'))).n, 3);
});

test('a clause and columns narrow the first and the last', async () => {
  const query = Backendless.DataQueryBuilder.create();
  query.setWhereClause('n > 1').setProperties(['n']);

  assert.deepEqual(Object.keys(await steps.findFirst(query)).sort(), ['___class', 'n', 'objectId']);
  assert.equal((await steps.findLast(query)).n, 3);
});

test('page sizes and offsets of the caller do not matter', async () => {
  const query = Backendless.DataQueryBuilder.create().setPageSize(5).setOffset(2);

  assert.equal((await steps.findFirst(query)).n, 2);
});

test('of an empty table there is no first and no last', async () => {
  const empty = freshTable();
  await server.createTable(empty, {});

  assert.equal(await client.Data.of(empty).findFirst(), undefined);
  assert.equal(await client.Data.of(empty).findLast(), undefined);
  assert.equal(await steps.findFirst({ where: 'n > 100' }), undefined);
});

test('an unknown table is told in the exact words', async () => {
  await expectRefusal(client.Data.of('Nowhere').findFirst(), unknownTable('Nowhere'));
  await expectRefusal(client.Data.of('Nowhere').findLast(), unknownTable('Nowhere'));
});

test('the first and the last bring as many relations as asked for', async () => {
  const ids = await steps.bulkCreate(Array.from({ length: 25 }, () => ({ n: 99 })));
  const first = await steps.findFirst({ where: 'n = 3' });
  await steps.setRelation(first, 'parts', ids);
  const query = () =>
    Backendless.DataQueryBuilder.create().setWhereClause('n = 3').setRelationsDepth(1);

  assert.equal((await steps.findFirst(query())).parts.length, 10);
  assert.equal((await steps.findFirst(query().setRelationsPageSize(20))).parts.length, 20);
  assert.equal((await steps.findLast(query().setRelationsPageSize(20))).parts.length, 20);
});
