'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectEnvelope,
  expectRefusal,
  toMany,
  toOne,
  unknownRecord,
  unknownTable,
  useServer,
} = require('../harness');

let client;
let items;
let orders;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Item', { name: 'STRING', n: 'INT' });
  await started.createTable('Order', {
    title: 'STRING',
    items: toMany('Item'),
    gift: toOne('Item'),
  });
  items = client.Data.of('Item');
  orders = client.Data.of('Order');
});

/** An order without anything, and the ids of new items named after their numbers. */
async function orderAnd(many) {
  const order = await orders.save({ title: 'an order' });
  const rows = Array.from({ length: many }, (_, n) => ({ n, name: `item ${n}` }));
  return [order, await items.bulkCreate(rows)];
}

async function linked(order, relation = 'items') {
  const found = await orders.loadRelations(order, { relationName: relation, pageSize: 100 });
  return found.map((item) => item.objectId).sort();
}

test('set replaces the whole list and answers how many it linked', async () => {
  const [order, [a, b, c]] = await orderAnd(3);

  assert.equal(await orders.setRelation(order, 'items', [a, b]), 2);
  assert.deepEqual(await linked(order), [a, b].sort());
  assert.equal(await orders.setRelation(order, 'items', [c]), 1);
  assert.deepEqual(await linked(order), [c]);
});

test('set with an empty list clears it', async () => {
  const [order, ids] = await orderAnd(2);
  await orders.setRelation(order, 'items', ids);

  await orders.setRelation(order, 'items', []);

  assert.deepEqual(await linked(order), []);
  assert.equal(await items.getObjectCount(`objectId in ('${ids.join("','")}')`), 2);
});

test('add keeps what is there and counts what is new', async () => {
  const [order, [a, b, c]] = await orderAnd(3);

  assert.equal(await orders.addRelation(order, 'items', [a]), 1);
  assert.equal(await orders.addRelation(order, 'items', [a, b]), 1);
  assert.equal(await orders.addRelation(order, 'items', [c, c]), 1);

  assert.deepEqual(await linked(order), [a, b, c].sort());
});

test('delete removes links and leaves the rows', async () => {
  const [order, [a, b]] = await orderAnd(2);
  await orders.setRelation(order, 'items', [a, b]);

  assert.equal(await orders.deleteRelation(order, 'items', [a]), 1);
  assert.equal(await orders.deleteRelation(order, 'items', [a]), 0);

  assert.deepEqual(await linked(order), [b]);
  assert.equal((await items.findById(a)).name, 'item 0');
});

test('parents and children may be objects or ids', async () => {
  const [order, [a, b, c]] = await orderAnd(3);
  const child = await items.findById(b);

  assert.equal(await orders.setRelation(order.objectId, 'items', [a, child]), 2);
  assert.equal(
    await orders.addRelation({ objectId: order.objectId }, 'items', [{ objectId: c }]),
    1,
  );
  assert.equal(await orders.deleteRelation(order, 'items', [child]), 1);

  assert.deepEqual(await linked(order), [a, c].sort());
});

test('ids may be numbers', async () => {
  const [order] = await orderAnd(0);
  await items.bulkCreate([{ objectId: '4711' }]);
  await orders.save({ objectId: '42', title: 'numbered' }, true);

  assert.equal(await orders.addRelation(42, 'items', [4711]), 1);
  assert.equal(await orders.addRelation(order, 'items', [4711]), 1);

  assert.deepEqual(await linked('42'), ['4711']);
});

test('children that do not exist are ignored and do not count', async () => {
  const [order, [a]] = await orderAnd(1);

  assert.equal(await orders.addRelation(order, 'items', [a, 'NO-SUCH-ID']), 1);
  assert.equal(await orders.deleteRelation(order, 'items', ['NO-SUCH-ID']), 0);
  assert.equal(await orders.setRelation(order, 'items', ['NO-SUCH-ID']), 0);

  assert.deepEqual(await linked(order), []);
});

test('a condition chooses among the children', async () => {
  const [order, ids] = await orderAnd(6);
  const mine = `objectId in ('${ids.join("','")}')`;

  assert.equal(await orders.setRelation(order, 'items', `${mine} and n < 3`), 3);
  assert.equal(await orders.addRelation(order, 'items', `${mine} and n in (2, 3)`), 1);
  assert.deepEqual(await linked(order), ids.slice(0, 4).sort());
  assert.equal(await orders.deleteRelation(order, 'items', `${mine} and n > 2`), 1);
  assert.deepEqual(await linked(order), ids.slice(0, 3).sort());
  assert.equal(await orders.setRelation(order, 'items', `${mine} and n > 1000`), 0);
  assert.deepEqual(await linked(order), []);
});

test('a condition can match more children than a page holds', async () => {
  const [order, first] = await orderAnd(100);
  await items.bulkUpdate(`objectId in ('${first.join("','")}')`, { name: 'many' });
  const [, second] = await orderAnd(50);
  await items.bulkUpdate(`objectId in ('${second.join("','")}')`, { name: 'many' });

  assert.equal(await orders.setRelation(order, 'items', "name = 'many'"), 150);
  assert.equal(await orders.deleteRelation(order, 'items', "name = 'many'"), 150);
});

test('a single relation holds one child', async () => {
  const [order, [a, b]] = await orderAnd(2);

  assert.equal(await orders.addRelation(order, 'gift', [a]), 1);
  await expectRefusal(orders.addRelation(order, 'gift', [b]), { code: 1128 });
  await expectRefusal(orders.setRelation(order, 'gift', [a, b]), { code: 1128 });
  assert.deepEqual(await linked(order, 'gift'), [a]);

  assert.equal(await orders.setRelation(order, 'gift', [b]), 1);
  assert.deepEqual(await linked(order, 'gift'), [b]);
  assert.equal(await orders.deleteRelation(order, 'gift', [b]), 1);
  assert.deepEqual(await linked(order, 'gift'), []);
});

test('of two children that are added to a single relation at once, one gets in', async () => {
  const [order, [a, b]] = await orderAnd(2);

  const outcomes = await Promise.allSettled(
    [a, b].map((child) => orders.addRelation(order, 'gift', [child])),
  );

  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal((await linked(order, 'gift')).length, 1);
});

test('a relation comes into being when it is first set or added to', async () => {
  const [order, [a, b]] = await orderAnd(2);

  assert.equal(await orders.addRelation(order, 'extras:Item:n', [a, b]), 2);
  assert.equal(await orders.setRelation(order, 'wrapping:Item:1', [a]), 1);

  assert.deepEqual(await linked(order, 'extras'), [a, b].sort());
  assert.deepEqual(await linked(order, 'wrapping'), [a]);
  assert.equal(await orders.addRelation(order, 'extras', [a]), 0);
  const { columns } = await server.table('Order');
  const made = (name) => columns.find((column) => column.name === name);
  assert.equal(made('extras').toTable, 'Item');
  assert.equal(made('extras').cardinality, 'ONE_TO_MANY');
  assert.equal(made('wrapping').cardinality, 'ONE_TO_ONE');
});

test('naming a relation in full again is fine, naming it otherwise is not', async () => {
  const [order, [a, b]] = await orderAnd(2);
  await orders.setRelation(order, 'spares:Item:n', [a]);

  assert.equal(await orders.addRelation(order, 'spares:Item:n', [b]), 1);
  await expectRefusal(orders.addRelation(order, 'spares:Order:n', [b]), { status: 400 });
  await expectRefusal(orders.addRelation(order, 'title:Item:n', [b]), { status: 400 });

  assert.deepEqual(await linked(order, 'spares'), [a, b].sort());
});

test('a relation is not made by halves', async () => {
  const [order, [a]] = await orderAnd(1);
  const before = await server.table('Order');

  for (const relation of [
    ...['new:Nowhere:n', 'new:Item:2', 'new:Item', 'new::n', ':Item:n', 'new:Item:n:n'],
    ...['na me:Item:n', 'x"y:Item:n', `${'x'.repeat(300)}:Item:n`, 'ITEMS:Item:n'],
  ]) {
    await expectRefusal(orders.addRelation(order, relation, [a]), { status: 400 });
  }
  await expectRefusal(orders.addRelation('NO-SUCH-ID', 'new:Item:n', [a]), { code: 1000 });
  await expectRefusal(orders.deleteRelation(order, 'new:Item:n', [a]), { status: 400 });

  assert.deepEqual(await server.table('Order'), before);
});

test('parents, relations and tables that do not exist are refused', async () => {
  const [order, [a]] = await orderAnd(1);

  for (const method of ['setRelation', 'addRelation', 'deleteRelation']) {
    await expectRefusal(orders[method](order, 'nothing', [a]), { code: 1127 });
    await expectRefusal(orders[method](order, 'title', [a]), { code: 1127 });
    await expectRefusal(orders[method]('NO-SUCH-ID', 'items', [a]), unknownRecord('NO-SUCH-ID'));
    const nowhere = client.Data.of('Nowhere');
    await expectRefusal(nowhere[method]('1', 'items', [a]), unknownTable('Nowhere'));
    await expectRefusal(orders[method](order, 'items', 'n >'), { code: [1017, 19000] });
    await expectRefusal(orders[method](order, 'items', 'nothing = 1'), { code: 1006 });
  }
});

for (const json of [{}, 'a', 7, [null], [{}], [[]], [true], { objectId: 'a' }]) {
  test(`${JSON.stringify(json)} is no list of children`, async () => {
    const [order, [a]] = await orderAnd(1);
    await orders.setRelation(order, 'items', [a]);

    for (const method of ['POST', 'PUT', 'DELETE']) {
      const path = `/data/Order/${order.objectId}/items`;
      expectEnvelope(await server.call(method, path, { json }), { status: 400 });
    }
    assert.deepEqual(await linked(order), [a]);
  });
}
