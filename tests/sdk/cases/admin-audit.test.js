'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, freshTable, useServer } = require('../harness');

const server = useServer();

test('what the operator does stands in the trail, newest first', async () => {
  const table = freshTable();

  await server.createTable(table, { title: 'STRING' });
  await server.configure({ login: { lockSeconds: 17 } });

  const records = await server.admin('GET', '/audit?pageSize=3');
  assert.deepEqual(
    records.map(({ action }) => action),
    ['changeSettings login.lockSeconds', `addColumn ${table}.title`, `createTable ${table}`],
  );
  for (const record of records) {
    assert.deepEqual(record.actor, { kind: 'admin', name: null });
    assert.deepEqual([record.subject, record.caller], [null, null]);
    assert.equal(typeof record.at, 'number');
  }
});

test('a login by objectId stands in the trail with the key that it came with', async () => {
  const { objectId } = await server.register();
  const serverCode = await server.client({ key: 'BL' });

  await serverCode.Users.login(objectId);

  const [record] = await server.admin('GET', '/audit?pageSize=1');
  assert.deepEqual(record.actor, { kind: 'key', name: 'BL' });
  assert.deepEqual([record.action, record.subject], ['loginByObjectId', objectId]);
});

test('the trail is read in pages', async () => {
  for (const lockSeconds of [1, 2, 3]) {
    await server.configure({ login: { lockSeconds } });
  }

  const whole = await server.admin('GET', '/audit');
  const page = await server.admin('GET', '/audit?pageSize=2&offset=1');

  assert.deepEqual(page, whole.slice(1, 3));
});

for (const query of ['pageSize=0', 'pageSize=1001', 'pageSize=x', 'offset=-1', 'action=x', 'page=1']) {
  test(`the trail refuses ${query} by name`, async () => {
    const answer = await server.askAdmin('GET', `/audit?${query}`);

    expectEnvelope(answer, { status: 400, code: 8008 });
    assert.ok(answer.body.message.includes(query.split('=')[0]), answer.body.message);
  });
}
