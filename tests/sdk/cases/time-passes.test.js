'use strict';

/** What only waiting can show of sessions and locks. */

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { deadToken, expectEnvelope, expectRefusal, useServer, waitAtMost } = require('../harness');

const wait = waitAtMost(2_700);

const server = useServer();

test('a session lives as long as it is used, and dies of idleness', async () => {
  await server.configure({ login: { multipleLogins: true } });
  const used = await server.registerAndLogIn();
  const idle = await server.client();
  const { 'user-token': idleToken } = await idle.Users.login(
    used.account.email,
    used.account.password,
  );
  const guest = await server.client();
  await guest.Users.loginAsGuest(true);

  // The shorter timeout counts at once, for sessions that exist too.
  await server.configure({ sessions: { inactivityTimeoutSeconds: 1 } });
  for (let round = 0; round < 16; round += 1) {
    await wait(100);
    await used.client.Users.getCurrentUser(true);
  }
  assert.equal(await used.client.Users.isValidLogin(), true);

  assert.equal(await idle.Users.isValidLogin(), false);
  const roles = await server.call('GET', '/users/userroles', { token: idleToken });
  expectEnvelope(roles, deadToken(idleToken));
  await expectRefusal(idle.Users.getCurrentUser(true), { code: 3064 });
  assert.equal(await guest.Users.isValidLogin(), false);
  await expectRefusal(guest.Users.logout(), { code: 3064 });
  assert.equal(guest.getCurrentUserToken(), null, 'the SDK forgets a session that expired');

  // A client with an expired token can still log in, and the expired session takes no room.
  await server.configure({ login: { multipleLogins: true, maxConcurrentLogins: 2 } });
  await idle.Users.login(used.account.email, used.account.password);
  assert.equal(await idle.Users.isValidLogin(), true);
});

test('a locked account opens again when its time is up', async () => {
  await server.configure({ login: { lockAfterFailedLogins: 1, lockSeconds: 1 } });
  const account = await server.register();
  const client = await server.client();
  await expectRefusal(client.Users.login(account.email, 'wrong'), { code: 3003 });
  await expectRefusal(client.Users.login(account.email, account.password), { code: 3036 });

  await wait(1_100);

  await client.Users.login(account.email, account.password);
  assert.equal(await client.Users.isValidLogin(), true);
});
