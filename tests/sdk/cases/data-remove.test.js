'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectRecent,
  expectRefusal,
  freshTable,
  toMany,
  toOne,
  unknownRecord,
  unknownTable,
  useServer,
} = require('../harness');

let client;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Item', { name: 'STRING' });
  await started.createTable('Order', { items: toMany('Item'), main: toOne('Item') });
});

test('a removal answers when it was, and the record is gone', async () => {
  const things = client.Data.of(freshTable());
  const [first, second] = [await things.save({ n: 1 }), await things.save({ n: 2 })];

  const answer = await things.remove(first);

  assert.deepEqual(Object.keys(answer), ['deletionTime']);
  expectRecent(answer.deletionTime);
  await expectRefusal(things.findById(first.objectId), unknownRecord(first.objectId));
  assert.deepEqual(await things.find(), [second]);
});

test('an id alone removes, too, and only once', async () => {
  const things = client.Data.of(freshTable());
  const { objectId } = await things.save({});

  expectRecent((await things.remove(objectId)).deletionTime);

  await expectRefusal(things.remove(objectId), unknownRecord(objectId));
});

test('of two removals at once, one finds the record', async () => {
  const things = client.Data.of(freshTable());
  const { objectId } = await things.save({});

  const outcomes = await Promise.allSettled([things.remove(objectId), things.remove(objectId)]);

  assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), ['fulfilled', 'rejected']);
});

test('ids and tables that do not exist are refused', async () => {
  const things = client.Data.of(freshTable());
  await things.save({});

  for (const id of ['NO-SUCH-ID', "' or 1=1 --", '%']) {
    await expectRefusal(things.remove(id), unknownRecord(id));
  }
  await expectRefusal(client.Data.of('Nowhere').remove('1'), unknownTable('Nowhere'));
  assert.equal(await things.getObjectCount(), 1);
});

test('a removed child leaves the lists of its parents', async () => {
  const orders = client.Data.of('Order');
  const [first, second] = await client.Data.of('Item').bulkCreate([{ name: 'a' }, { name: 'b' }]);
  const order = await orders.save({});
  await orders.setRelation(order, 'items', [first, second]);
  await orders.setRelation(order, 'main', [first]);

  await client.Data.of('Item').remove(first);

  const { items, main } = await orders.findById(order.objectId, { relationsDepth: 1 });
  assert.deepEqual(
    items.map((item) => item.objectId),
    [second],
  );
  assert.equal(main ?? null, null);
  assert.equal(await orders.deleteRelation(order, 'items', [first]), 0);
});

test('a removed parent leaves its children alone', async () => {
  const orders = client.Data.of('Order');
  const [item] = await client.Data.of('Item').bulkCreate([{ name: 'left behind' }]);
  const order = await orders.save({});
  await orders.setRelation(order, 'items', [item]);

  await orders.remove(order);

  assert.equal((await client.Data.of('Item').findById(item)).name, 'left behind');
  const parents = client.Data.of('Item').getObjectCount(
    `Order[items].objectId = '${order.objectId}'`,
  );
  assert.equal(await parents, 0);
});
