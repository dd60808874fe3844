'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectRefusal, useServer } = require('../harness');

const ROLE = 'My Role';

let staff;

const server = useServer({}, async (server) => {
  await server.admin('POST', '/roles', { name: ROLE });
  await server.admin('POST', '/roles', { name: 'Nobody has it' });
  staff = await server.register({ name: 'Ann' });
  const runner = await server.client({ key: 'BL' });
  await runner.Users.assignRole(staff.email, ROLE);
  await server.register({ name: 'Ben' });
});

test('the users who have a role are found', async () => {
  const client = await server.client();

  const users = await client.Users.findByRole(ROLE);

  assert.equal(users.length, 1);
  assert.ok(users[0] instanceof client.User);
  assert.deepEqual(
    [users[0].objectId, users[0].email, users[0].roles, users[0].password],
    [staff.objectId, staff.email, undefined, undefined],
  );
  assert.deepEqual(await client.Users.findByRole('Nobody has it'), []);
});

test('their roles come with them when asked for', async () => {
  const client = await server.client();

  const [user] = await client.Users.findByRole(ROLE, true);

  assert.equal(user.email, staff.email);
  assert.deepEqual(user.roles.sort(), ['AuthenticatedUser', ROLE].sort());
});

test('system roles are those of users who are like that', async () => {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();

  const guests = await client.Users.findByRole('GuestUser', true);
  const users = await client.Users.findByRole('AuthenticatedUser');

  assert.deepEqual(
    guests.map((user) => [user.objectId, user.roles]),
    [[guest.objectId, ['GuestUser']]],
  );
  assert.ok(users.length >= 2 && users.every((user) => user.userStatus === 'ENABLED'));
  assert.deepEqual(await client.Users.findByRole('ServerCodeUser'), []);
});

test('the query counts', async () => {
  const client = await server.client();
  const query = client.DataQueryBuilder.create()
    .setWhereClause("name = 'Ben'")
    .setPageSize(5)
    .setSortBy('created desc');

  assert.deepEqual(await client.Users.findByRole(ROLE, false, query), []);
  const found = await client.Users.findByRole('AuthenticatedUser', true, query);
  assert.deepEqual(
    found.map((user) => user.name),
    ['Ben'],
  );
});

test('a role that does not exist is 2005, and a clause that cannot be used is refused', async () => {
  const client = await server.client();
  const query = client.DataQueryBuilder.create().setWhereClause('name like');

  await expectRefusal(client.Users.findByRole('Nonsense'), { code: 2005 });
  await expectRefusal(client.Users.findByRole(ROLE, true, query), { code: [1017, 19000] });
  const answer = await server.call('GET', '/users/role/My%20Role?loadRoles=perhaps');
  assert.equal(answer.body.code, 8008);
});
