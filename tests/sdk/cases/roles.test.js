'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { expectEnvelope, expectRefusal, useServer } = require('../harness');

const ROLE = 'Support';

const server = useServer({}, (server) => server.admin('POST', '/roles', { name: ROLE }));

const rolesOf = async (client) => (await client.Users.getUserRoles()).sort();

test('the CodeRunner key assigns and unassigns a role, by identity and by objectId', async () => {
  const { client, account } = await server.registerAndLogIn();
  const runner = await server.client({ key: 'BL' });

  for (const user of [account.email, account.objectId]) {
    assert.ok(!(await runner.Users.assignRole(user, ROLE)), 'the answer is empty');
    assert.deepEqual(await rolesOf(client), ['AuthenticatedUser', 'JSUser', ROLE]);
    assert.ok(!(await runner.Users.unassignRole(user, ROLE)), 'the answer is empty');
    assert.deepEqual(await rolesOf(client), ['AuthenticatedUser', 'JSUser']);
  }
});

test('the custom roles of another user are shown, too', async () => {
  const account = await server.register();
  const runner = await server.client({ key: 'BL' });
  await runner.Users.assignRole(account.email, ROLE);
  const { client } = await server.registerAndLogIn();

  const roles = await client.Users.getUserRoles(account.objectId);

  assert.ok(roles.includes(ROLE), roles.join());
});

test('a session without a token of its own has no custom role, whatever the key', async () => {
  const runner = await server.client({ key: 'BL' });

  assert.deepEqual(await rolesOf(runner), ['ServerCodeUser']);
});

test('any other key is refused with 2011 before anything else is looked at', async () => {
  const { client, account } = await server.registerAndLogIn();

  for (const role of [ROLE, 'AuthenticatedUser', 'Nonsense']) {
    await expectRefusal(client.Users.assignRole(account.email, role), { code: 2011 });
    await expectRefusal(client.Users.unassignRole(account.email, role), { code: 2011 });
  }
  for (const path of ['/users/assignRole', '/users/unassignRole']) {
    for (const raw of ['', '{', '[]', '{"user":null}']) {
      expectEnvelope(await server.call('POST', path, { raw }), { code: 2011 });
    }
  }
});

test('system roles, unknown roles and unknown users have codes of their own', async () => {
  const { email } = await server.register();
  const { Users } = await server.client({ key: 'BL' });

  await expectRefusal(Users.assignRole(email, 'AuthenticatedUser'), { code: 2007 });
  await expectRefusal(Users.unassignRole(email, 'AuthenticatedUser'), { code: 2008 });
  await expectRefusal(Users.assignRole(email, 'Nonsense'), { code: 2005 });
  await expectRefusal(Users.unassignRole(email, 'Nonsense'), { code: 2005 });
  await expectRefusal(Users.assignRole('nobody@example.com', ROLE), { code: 3057 });
  await expectRefusal(Users.unassignRole('nobody@example.com', ROLE), { code: 3057 });
});

test('a guest gets no role before it registers', async () => {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();
  const runner = await server.client({ key: 'BL' });

  const refusal = await expectRefusal(runner.Users.assignRole(guest.objectId, ROLE), {
    code: 8008,
  });

  assert.match(refusal.message, /guest/);
  assert.deepEqual(await rolesOf(client), ['GuestUser', 'JSUser']);
});

for (const [code, json] of [
  [3038, {}],
  [3038, { user: 'someone@example.com' }],
  [3038, { user: null, roleName: ROLE }],
  [8008, { user: {}, roleName: ROLE }],
  [8008, { user: 'someone@example.com', roleName: 7 }],
  [3057, { user: 7, roleName: ROLE }],
]) {
  test(`${JSON.stringify(json)} is refused with ${code}`, async () => {
    for (const path of ['/users/assignRole', '/users/unassignRole']) {
      expectEnvelope(await server.call('POST', path, { key: 'BL', json }), { code });
    }
  });
}

test('the operator makes, gives, takes and removes roles', async () => {
  const { client, account } = await server.registerAndLogIn();
  const ofUser = `/users/${account.objectId}/roles`;
  const custom = async () => (await server.admin('GET', '/roles')).filter((role) => !role.system);

  const made = await server.askAdmin('POST', '/roles', { name: 'Night / shift' });
  assert.deepEqual([made.status, made.body], [201, { name: 'Night / shift', system: false }]);
  assert.deepEqual(await custom(), [made.body, { name: ROLE, system: false }]);

  await server.admin('POST', ofUser, { role: 'Night / shift' });
  assert.deepEqual(await server.admin('GET', ofUser), [made.body]);
  assert.deepEqual(await rolesOf(client), ['AuthenticatedUser', 'JSUser', 'Night / shift']);
  await server.admin('DELETE', `${ofUser}/Night%20%2F%20shift`);
  assert.deepEqual(await server.admin('GET', ofUser), []);

  await server.admin('POST', ofUser, { role: 'Night / shift' });
  await server.admin('DELETE', '/roles/Night%20%2F%20shift');
  assert.deepEqual(await rolesOf(client), ['AuthenticatedUser', 'JSUser']);
  assert.deepEqual(await custom(), [{ name: ROLE, system: false }]);
});

for (const [method, path, json, code, names] of [
  ['POST', '/roles', {}, 8008, 'name'],
  ['POST', '/roles', { name: 7 }, 8008, 'name'],
  ['POST', '/roles', { name: '*' }, 8008, 'name'],
  ['POST', '/roles', { name: '..' }, 8008, 'name'],
  ['POST', '/roles', { name: 'x', system: true }, 8008, 'system'],
  ['POST', '/roles', { name: 'guestUser' }, 2006, 'name'],
  ['POST', '/roles', { name: 'SUPPORT' }, 2006, 'name'],
  ['DELETE', '/roles/JSUser', undefined, 9008, 'JSUser'],
  ['DELETE', '/roles/Nonsense', undefined, 2005, 'Nonsense'],
  ['POST', '/users/U/roles', { name: ROLE }, 8008, 'role'],
  ['POST', '/users/U/roles', { role: ROLE, user: 'U' }, 8008, 'user'],
  ['POST', '/users/U/roles', { role: ROLE }, 3057, 'user'],
  ['POST', '/users/U/roles', { role: 'JSUser' }, 2007, 'JSUser'],
  ['DELETE', '/users/U/roles/JSUser', undefined, 2008, 'JSUser'],
  ['DELETE', '/users/U/roles/Nonsense', undefined, 2005, 'Nonsense'],
  ['GET', '/users/U/roles', undefined, 3057, 'user'],
]) {
  test(`the operator's ${method} ${path} ${JSON.stringify(json)} is ${code}`, async () => {
    const before = await server.admin('GET', '/roles');

    const answer = await server.askAdmin(method, path, json);

    expectEnvelope(answer, { code });
    assert.match(answer.body.message, new RegExp(names));
    assert.deepEqual(await server.admin('GET', '/roles'), before);
  });
}
