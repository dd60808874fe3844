'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const {
  expectEnvelope,
  expectRefusal,
  freshTable,
  toMany,
  toOne,
  useServer,
} = require('../harness');

const COLUMN_KEYS = [
  ...['cardinality', 'default', 'indexed', 'name', 'required', 'size', 'system', 'toTable'],
  ...['type', 'unique', 'validator'],
];

let client;

const server = useServer({}, async (started) => {
  client = await started.client();
});

/** A new table with one column, and its store. */
async function storeWith(column, name = 'value') {
  const table = freshTable();
  await server.createTable(table, { [name]: column });
  return client.Data.of(table);
}

async function column(table, name) {
  return (await server.table(table)).columns.find((found) => found.name === name);
}

test('the tables are the business of the operator alone', async () => {
  for (const [method, path, json] of [
    ['GET', '/tables'],
    ['POST', '/tables', { name: 'Intruder' }],
    ['DELETE', '/tables/Users'],
    ['POST', '/tables/Users/columns', { name: 'intruder', type: 'STRING' }],
    ['DELETE', '/tables/Users/columns/name'],
    ['GET', '/tables/Users/rows'],
    ['PATCH', '/tables/Users/rows/SOME-ID', { name: 'x' }],
  ]) {
    const answer = await server.send(method, `/admin/api${path}`, { json });
    expectEnvelope(answer, { status: 401 });
  }
  assert.equal(await server.table('Intruder'), undefined);
});

test('a new table has the system columns, each told with all of its keys', async () => {
  const name = freshTable();
  const answer = await server.askAdmin('POST', '/tables', { name });
  assert.equal(answer.status, 201, answer.text);

  const table = await server.table(name);

  assert.deepEqual(Object.keys(table).sort(), ['columns', 'name', 'serverOnly', 'system']);
  assert.equal(table.serverOnly, false);
  assert.equal(table.system, false);
  assert.deepEqual(table.columns.map((found) => found.name).sort(), [
    'created',
    'objectId',
    'ownerId',
    'updated',
  ]);
  for (const found of table.columns) {
    assert.deepEqual(Object.keys(found).sort(), COLUMN_KEYS);
    assert.equal(found.system, true);
  }
  assert.deepEqual(await client.Data.of(name).find(), []);
});

test('Users is a table of the system', async () => {
  const users = await server.table('Users');

  assert.equal(users.system, true);
  const names = users.columns.map((found) => found.name);
  assert.ok(names.includes('email') && names.includes('password'));
});

test('a column is told as it was made', async () => {
  const table = freshTable();
  const code = { type: 'STRING', size: 20, required: true, unique: true, indexed: true };
  await server.createTable(table, { code: { ...code, validator: '^[a-z]+$' }, n: 'INT' });
  await server.addColumns(table, { peers: toMany(table), boss: toOne(table) });

  const made = await column(table, 'code');
  assert.deepEqual(
    { ...made, default: null },
    {
      ...{ name: 'code', ...code, validator: '^[a-z]+$', default: null, system: false },
      ...{ toTable: null, cardinality: null },
    },
  );
  const peers = await column(table, 'peers');
  assert.deepEqual(
    [peers.type, peers.toTable, peers.cardinality],
    ['RELATION', table, 'ONE_TO_MANY'],
  );
  assert.equal((await column(table, 'boss')).cardinality, 'ONE_TO_ONE');
  assert.equal((await column(table, 'n')).type, 'INT');
});

test('a required column refuses null and empty, and takes its default', async () => {
  const store = await storeWith({ type: 'STRING', required: true });

  await expectRefusal(store.save({}), { code: [1131, 1137] });
  await expectRefusal(store.save({ value: null }), { code: 1137 });
  await expectRefusal(store.save({ value: '' }), { code: 1165 });
  await expectRefusal(store.bulkCreate([{ value: 'x' }, {}]), { code: [1131, 1137] });
  const { objectId } = await store.save({ value: 'x' });
  await expectRefusal(store.save({ objectId, value: null }), { code: 1137 });
  await expectRefusal(store.bulkUpdate("value = 'x'", { value: null }), { code: 1137 });
  assert.deepEqual(
    (await store.find()).map((row) => row.value),
    ['x'],
  );

  const lenient = await storeWith({ type: 'STRING', required: true, default: 'new' });
  assert.equal((await lenient.save({})).value, 'new');
});

test('a unique column refuses what is there already', async () => {
  const store = await storeWith({ type: 'STRING', unique: true });
  await store.save({ value: 'x' });
  const other = await store.save({ value: 'y' });

  const taken = { code: [1155, 1166] };
  await expectRefusal(store.save({ value: 'x' }), taken);
  await expectRefusal(store.save({ objectId: other.objectId, value: 'x' }), taken);
  await expectRefusal(store.bulkCreate([{ value: 'z' }, { value: 'z' }]), taken);
  await expectRefusal(store.bulkUpdate("value != ''", { value: 'z' }), taken);
  await store.bulkCreate([{ value: null }, {}]);

  assert.equal(await store.getObjectCount(), 4);
});

for (const [type, value, wrong] of [
  ['STRING', 'text', 7],
  ['INT', 7, 'seven'],
  ['DOUBLE', 7.5, 'seven'],
  ['BOOLEAN', true, 'yes'],
  ['DATETIME', 1_700_000_000_000, 'someday'],
]) {
  test(`a default of the type ${type} is used on creation, and only there`, async () => {
    const store = await storeWith({ type, default: value });

    const saved = await store.save({ other: 1 });
    assert.equal(saved.value, value);
    assert.equal((await store.save({ value: null })).value, null);
    const { objectId } = saved;
    assert.equal((await store.save({ objectId, value: null })).value, null);
    assert.equal((await store.save({ objectId, other: 2 })).value, null);

    const path = `/tables/${store.className}/columns`;
    const definition = { name: 'wrong', type, default: wrong };
    expectEnvelope(await server.askAdmin('POST', path, definition), { status: 400 });
  });
}

test('a validator refuses what it does not match', async () => {
  const store = await storeWith({ type: 'STRING', validator: '^[a-z]{3}$' });

  await expectRefusal(store.save({ value: 'abcd' }), { code: 8008 });
  await expectRefusal(store.save({ value: 'ABC' }), { code: 8008 });
  const { objectId } = await store.save({ value: 'abc' });
  await expectRefusal(store.save({ objectId, value: '' }), { code: 8008 });
  await expectRefusal(store.bulkUpdate("value = 'abc'", { value: '1' }), { code: 8008 });

  assert.equal((await store.findById(objectId)).value, 'abc');
});

test('a validator that would take for ever elsewhere does not here', async () => {
  const store = await storeWith({ type: 'TEXT', validator: '^(a+)+$' });

  await expectRefusal(store.save({ value: `${'a'.repeat(5_000)}!` }), { code: 8008 });
});

test('a size counts letters', async () => {
  const store = await storeWith({ type: 'STRING', size: 3 });

  assert.equal((await store.save({ value: 'äöü' })).value, 'äöü');
  await expectRefusal(store.save({ value: 'abcd' }), { code: 8000 });
});

test('a column that is deleted is gone, with what was in it', async () => {
  const store = await storeWith('STRING');
  const { objectId } = await store.save({ value: 'x' });

  await server.admin('DELETE', `/tables/${store.className}/columns/value`);

  assert.ok(!('value' in (await store.findById(objectId))));
  assert.equal((await store.save({ objectId, value: 7 })).value, 7, 'another type is fine now');
});

test('a relation that is deleted leaves both tables', async () => {
  const store = await storeWith('STRING');
  await server.addColumns(store.className, { all: toMany(store.className) });
  const row = await store.save({ value: 'x' });
  await store.setRelation(row, 'all', [row]);

  await server.admin('DELETE', `/tables/${store.className}/columns/all`);

  await expectRefusal(store.addRelation(row, 'all', [row]), { code: 1127 });
  assert.equal((await store.findById(row.objectId)).value, 'x');
});

test('a table that is deleted is gone, unless another relates to it', async () => {
  const [child, parent] = [await storeWith('STRING'), await storeWith('STRING')];
  await server.addColumns(parent.className, { kids: toMany(child.className) });

  const refused = await server.askAdmin('DELETE', `/tables/${child.className}`);
  expectEnvelope(refused);
  await server.admin('DELETE', `/tables/${parent.className}`);
  await server.admin('DELETE', `/tables/${child.className}`);

  await expectRefusal(child.find(), { code: 1009 });
  assert.equal(await server.table(parent.className), undefined);
  expectEnvelope(await server.askAdmin('DELETE', '/tables/Users'));
});

test('the operator reads the rows of any table', async () => {
  const store = await storeWith('INT');
  await store.bulkCreate(Array.from({ length: 30 }, (_, value) => ({ value })));

  const params = new URLSearchParams({ where: 'value > 9', sortBy: 'value desc', pageSize: 5 });
  const rows = await server.admin('GET', `/tables/${store.className}/rows?${params}&offset=1`);

  assert.deepEqual(
    rows.map((row) => row.value),
    [28, 27, 26, 25, 24],
  );
});

test('the operator edits a row, and the status of a user', async () => {
  const store = await storeWith('STRING');
  const { objectId } = await store.save({ value: 'x' });
  await server.admin('PATCH', `/tables/${store.className}/rows/${objectId}`, { value: 'y' });
  assert.equal((await store.findById(objectId)).value, 'y');

  const user = await server.register({ name: 'Ada' });
  const path = `/tables/Users/rows/${user.objectId}`;
  await server.admin('PATCH', path, { name: 'Grace', userStatus: 'DISABLED' });
  const row = await client.Data.of('Users').findById(user.objectId);
  assert.equal(row.name, 'Grace');
  assert.equal(row.userStatus, 'DISABLED');
  await expectRefusal(client.Users.login(user.email, user.password), { code: 3090 });
});

test('columns of Users are made, required and validated like others', async () => {
  await server.addColumns('Users', { phone: { type: 'STRING', validator: '^[0-9]+$' } });

  const user = await server.register({ phone: '12345' });
  assert.equal(user.phone, '12345');
  const { email, password } = user;
  const json = { email: `x${email}`, password, phone: 'none' };
  expectEnvelope(await server.call('POST', '/users/register', { json }), { code: 8008 });
});
