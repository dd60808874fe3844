'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const Backendless = require('backendless');

const { expectEnvelope, expectRefusal, useServer } = require('../harness');

const server = useServer();

test('find on Users gives users without passwords and tokens', async () => {
  const { client, account } = await server.registerAndLogIn({ name: 'Ada' });

  const users = await client.Data.of('Users').find();

  assert.ok(users.length >= 1);
  for (const user of users) {
    assert.ok(user instanceof Backendless.User);
    assert.equal(user.___class, 'Users');
    assert.ok(!('password' in user));
    assert.ok(!('user-token' in user));
  }
  const found = users.find((user) => user.objectId === account.objectId);
  assert.equal(found.name, 'Ada');
  assert.equal(found.email, account.email);
});

test('find works by class as well as by name', async () => {
  const { client } = await server.registerAndLogIn();

  const byName = await client.Data.of('Users').find();

  assert.deepEqual(await client.Data.of(Backendless.User).find(), byName);
});

test('an untouched query builder asks for the same as nothing', async () => {
  const { client } = await server.registerAndLogIn();
  const users = client.Data.of('Users');

  assert.deepEqual(await users.find(Backendless.DataQueryBuilder.create()), await users.find());
});

test('lists that were emptied arrive as empty strings and count as absent', async () => {
  const { token } = await server.registerAndLogIn();
  const find = (json) => server.call('POST', '/data/Users/find', { json, token });

  const emptied = { properties: '', relations: '', sortBy: '', groupBy: '', where: '', unknown: 7 };
  const answer = await find(emptied);

  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.body, (await find({})).body);
});

test('find gives pages of ten unless asked otherwise', async () => {
  const { client } = await server.registerAndLogIn();
  for (let count = 0; count < 12; count += 1) {
    await server.register();
  }
  const users = client.Data.of('Users');
  const query = Backendless.DataQueryBuilder.create().setPageSize(100);
  const all = await users.find(query);

  assert.ok(all.length >= 13);
  assert.equal((await users.find()).length, 10);
  assert.equal((await users.find({ pageSize: 3 })).length, 3);
  assert.equal((await users.find({ pageSize: 100, offset: all.length - 2 })).length, 2);
  assert.deepEqual(await users.find({ offset: 10_000 }), []);
});

for (const [what, query, code] of [
  ['above a hundred', { pageSize: 101 }, 1025],
  ['below nothing', { pageSize: -1 }, 1005],
]) {
  test(`a page size ${what} is refused with ${code}`, async () => {
    const { client } = await server.registerAndLogIn();

    await expectRefusal(client.Data.of('Users').find(query), { code, status: 400 });
  });
}

test('findById gives one user', async () => {
  const { client, account } = await server.registerAndLogIn({ name: 'Ada' });

  const user = await client.Data.of('Users').findById(account.objectId);

  assert.ok(user instanceof Backendless.User);
  assert.equal(user.objectId, account.objectId);
  assert.equal(user.name, 'Ada');
  assert.ok(!('password' in user));
});

test('where everything is granted, a stranger may read users too', async () => {
  const { objectId } = await server.register();
  const stranger = await server.client();

  assert.equal((await stranger.Data.of('Users').findById(objectId)).objectId, objectId);
  assert.ok((await stranger.Data.of('Users').find()).length >= 1);
});

for (const id of ['NO-SUCH-ID', 'a b/c%d"é', "' or 1=1 --", '../Users']) {
  test(`there is no user with the id ${id}`, async () => {
    const client = await server.client();

    await expectRefusal(client.Data.of('Users').findById(id), {
      code: 1000,
      message: `Entity with ID ${id} not found`,
    });
  });
}

test('an unknown table is told with 1009', async () => {
  const client = await server.client();

  await expectRefusal(client.Data.of('NoSuchTable').find(), { code: 1009 });
  expectEnvelope(await server.call('GET', '/data/NoSuchTable/some-id'), { code: 1009 });
});
