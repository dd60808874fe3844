'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { adminToken, expectEnvelope, expectRefusal, useServer } = require('../harness');

let client;

const server = useServer({}, async (started) => {
  client = await started.client();
  await started.createTable('Order', { title: 'STRING', code: { type: 'STRING', unique: true } });
  const orders = client.Data.of('Order');
  await orders.bulkCreate([
    { title: 'twice', code: 'a' },
    { title: 'twice', code: 'b' },
    { title: null, code: 'c' },
  ]);
});

/** Asserts that the operator is refused, is told which key is wrong, and has changed nothing. */
async function expectUnchanged(method, path, json, { key, ...expected } = {}) {
  const before = await server.admin('GET', '/tables');
  const answer = await server.askAdmin(method, path, json);
  expectEnvelope(answer, expected);
  if (key) {
    assert.ok(answer.body.message.includes(key), `no ${key} in: ${answer.body.message}`);
  }
  assert.deepEqual(await server.admin('GET', '/tables'), before);
}

for (const name of [
  ...['', ' ', 'a b', '1a', '_a', 'a-b', 'a"b', "a'b", 'é', '🦊', 'x'.repeat(64), 'x'.repeat(300)],
  ...['vestibule_users', 'vestibule_x', 'sqlite_master', 7, null, true, {}, ['Order'], undefined],
]) {
  test(`${JSON.stringify(name)?.slice(0, 30)} is no name of a table`, async () => {
    await expectUnchanged('POST', '/tables', { name }, { status: 400 });
  });
}

for (const name of ['', 'a b', '1a', '_a', 'a"b', 'é', 'x'.repeat(64), 7, null, {}, undefined]) {
  test(`${JSON.stringify(name)?.slice(0, 30)} is no name of a column`, async () => {
    const path = '/tables/Order/columns';
    await expectUnchanged('POST', path, { name, type: 'STRING' }, { status: 400 });
  });
}

test('names that are taken are refused, whatever their case', async () => {
  await expectUnchanged('POST', '/tables', { name: 'Order' }, { code: 1161 });
  await expectUnchanged('POST', '/tables', { name: 'ORDER' }, { code: 1161 });
  await expectUnchanged('POST', '/tables', { name: 'users' }, { code: 1161 });
  for (const name of ['title', 'TITLE', 'objectId', 'OwnerID', 'created']) {
    const column = { name, type: 'STRING' };
    await expectUnchanged('POST', '/tables/Order/columns', column, { code: 1152 });
  }
});

for (const [what, column, key] of [
  ['an unknown type', { type: 'VARCHAR' }, 'type'],
  ['no type', {}, 'type'],
  ['a type that is a number', { type: 7 }, 'type'],
  ['an unknown key', { type: 'STRING', colour: 'red' }, 'colour'],
  ['a size that is a text', { type: 'STRING', size: 'big' }, 'size'],
  ['a size of 0', { type: 'STRING', size: 0 }, 'size'],
  ['a size of -1', { type: 'STRING', size: -1 }, 'size'],
  ['required as a text', { type: 'STRING', required: 'yes' }, 'required'],
  ['unique as a number', { type: 'STRING', unique: 1 }, 'unique'],
  ['a validator that is a number', { type: 'STRING', validator: 7 }, 'validator'],
  ['a validator that does not compile', { type: 'STRING', validator: '([a-z' }, 'validator'],
  ['a validator without end', { type: 'STRING', validator: 'a{1000}{1000}{1000}' }, 'validator'],
  ['a relation to nothing', { type: 'RELATION', cardinality: 'ONE_TO_ONE' }, 'toTable'],
  ['a relation without a cardinality', { type: 'RELATION', toTable: 'Order' }, 'cardinality'],
  [
    'a relation of an unknown cardinality',
    { type: 'RELATION', toTable: 'Order', cardinality: 'MANY_TO_MANY' },
    'cardinality',
  ],
  ['a text that is related', { type: 'STRING', toTable: 'Order' }, 'toTable'],
]) {
  test(`a column with ${what} is refused`, async () => {
    const path = '/tables/Order/columns';
    await expectUnchanged('POST', path, { name: 'fresh', ...column }, { status: 400, key });
  });
}

test('tables, columns and rows that do not exist are refused', async () => {
  const relation = {
    name: 'fresh',
    type: 'RELATION',
    toTable: 'Nowhere',
    cardinality: 'ONE_TO_ONE',
  };
  await expectUnchanged('POST', '/tables/Order/columns', relation);
  await expectUnchanged('POST', '/tables/Nowhere/columns', { name: 'fresh', type: 'STRING' });
  await expectUnchanged('DELETE', '/tables/Nowhere');
  await expectUnchanged('DELETE', '/tables/Order/columns/nothing');
  await expectUnchanged('GET', '/tables/Nowhere/rows');
  await expectUnchanged('GET', '/tables/vestibule_sessions/rows');
  await expectUnchanged('PATCH', '/tables/Order/rows/NO-SUCH-ID', { title: 'x' }, { code: 1000 });
});

test('system columns stay', async () => {
  for (const column of ['objectId', 'ownerId', 'created', 'updated']) {
    await expectUnchanged('DELETE', `/tables/Order/columns/${column}`);
  }
  for (const column of ['objectId', 'email', 'password', 'userStatus']) {
    await expectUnchanged('DELETE', `/tables/Users/columns/${column}`);
  }
  await expectUnchanged('DELETE', '/tables/Users');
});

test('the operator cannot ask for a password either', async () => {
  for (const query of ["where=password like '$a%'", 'sortBy=password']) {
    const path = `/tables/Users/rows?${encodeURI(query)}`;
    await expectUnchanged('GET', path, undefined, { code: 1006 });
  }
});

for (const query of [
  ...[
    'pageSize=0',
    'pageSize=101',
    'pageSize=x',
    'offset=-1',
    'where=title%20%3D',
    'sortBy=nothing',
  ],
  ...['where=nothing%20%3D%201', 'where=title%20in%20(select%201)'],
]) {
  test(`rows are not given for ${query}`, async () => {
    await expectUnchanged('GET', `/tables/Order/rows?${query}`, undefined, { status: 400 });
  });
}

test('an edit of a row is checked like any other', async () => {
  const orders = client.Data.of('Order');
  const [row] = await orders.find({ where: "code = 'c'" });
  const path = `/tables/Order/rows/${row.objectId}`;

  await expectUnchanged('PATCH', path, { title: 7 }, { status: 400, key: 'title' });
  await expectUnchanged('PATCH', path, { nothing: 'x' }, { status: 400, key: 'nothing' });
  await expectUnchanged('PATCH', path, { code: 'a' }, { code: [1155, 1166] });
  await expectUnchanged('PATCH', path, { objectId: 'another' }, { status: 400 });
  await expectUnchanged('PATCH', path, [], { status: 400 });

  assert.deepEqual(await orders.findById(row.objectId), row);
});

for (const raw of ['', '{', '[]', '7', 'null', '"Order"']) {
  test(`the body ${JSON.stringify(raw)} makes no table`, async () => {
    const headers = { authorization: `Bearer ${adminToken}` };

    expectEnvelope(await server.send('POST', '/admin/api/tables', { raw, headers }), {
      status: 400,
    });
  });
}

test('a column that would be null or twice at once is refused', async () => {
  const path = '/tables/Order/columns';

  await expectUnchanged('POST', path, { name: 'must', type: 'STRING', required: true }, {});
  const filled = { name: 'filled', type: 'STRING', required: true, default: 'x' };
  await server.admin('POST', path, filled);
  const [row] = await client.Data.of('Order').find();
  assert.equal(row.filled, 'x');

  await expectRefusal(client.Data.of('Order').save({ objectId: row.objectId, filled: null }), {
    code: 1137,
  });
});
