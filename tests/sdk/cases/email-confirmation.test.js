'use strict';

const assert = require('node:assert/strict');
const { beforeEach, test } = require('node:test');

const { PASSWORD, expectRefusal, freshEmail, useServer } = require('../harness');

const server = useServer({ mail: true });

beforeEach(() => server.configure({ registration: { emailConfirmationRequired: true } }));

/** Registers somebody who has to confirm, with the page that the mailed link leads to. */
async function someonePending() {
  const account = await server.register();
  assert.equal(account.userStatus, 'EMAIL_CONFIRMATION_PENDING');
  const [{ link }] = await server.mailsSentTo(account.email, 1);
  assert.ok(link.startsWith(`${server.url}/account/confirm-email/`), link);
  return { account, page: link.slice(server.url.length) };
}

test('whoever registers logs in after the button behind the mailed link, not after a look', async () => {
  const { account, page } = await someonePending();
  const client = await server.client();
  const login = () => client.Users.login(account.email, PASSWORD);
  await expectRefusal(login(), { code: 3087 });

  assert.equal((await server.send('GET', page)).status, 200);
  await expectRefusal(login(), { code: 3087 });
  assert.equal((await server.send('POST', page)).status, 200);

  const user = await login();
  assert.equal(user.userStatus, 'ENABLED');
  assert.equal((await server.send('POST', page)).status, 410);
});

test('a guest who registers has to confirm too, and keeps the session', async () => {
  const client = await server.client();
  const guest = await client.Users.loginAsGuest();
  const email = freshEmail();
  const { objectId, 'user-token': token } = guest;
  const registered = await client.Users.register({ objectId, email, password: PASSWORD });
  assert.equal(registered.userStatus, 'EMAIL_CONFIRMATION_PENDING');

  const [{ link }] = await server.mailsSentTo(email, 1);
  await server.send('POST', link.slice(server.url.length));
  assert.equal(await server.isAlive(token), true);
  const user = await (await server.client()).Users.login(email, PASSWORD);
  assert.equal(user.objectId, objectId);
});

test('another mail is sent on demand, answers nothing, and replaces the first link', async () => {
  const { account, page } = await someonePending();
  const client = await server.client();

  assert.ok(!(await client.Users.resendEmailConfirmation(account.email)));

  const mails = await server.mailsSentTo(account.email, 2);
  assert.equal((await server.send('GET', page)).status, 410);
  const newest = mails.at(-1).link.slice(server.url.length);
  assert.equal((await server.send('POST', newest)).status, 200);
  const again = client.Users.resendEmailConfirmation(account.email);
  await expectRefusal(again, { code: [999, 3102] });
});

test('the link itself can be asked for where everything is granted', async () => {
  const { account } = await someonePending();
  const client = await server.client();

  const { confirmationURL } = await client.Users.createEmailConfirmationURL(account.email);
  assert.equal((await server.send('POST', confirmationURL.slice(server.url.length))).status, 200);
  await client.Users.login(account.email, PASSWORD);
  const again = client.Users.createEmailConfirmationURL(account.email);
  await expectRefusal(again, { code: 3102 });
});

test('where callers reach their own records only, the link itself is for server code', async () => {
  const { account } = await someonePending();
  await server.configure({ permissions: { base: 'own' } });
  const asked = (await server.client()).Users.createEmailConfirmationURL(account.email);
  await expectRefusal(asked, { code: 2000, status: 403 });

  const runner = await server.client({ key: 'BL' });
  const { confirmationURL } = await runner.Users.createEmailConfirmationURL(account.email);
  assert.match(confirmationURL, /confirm-email/);
});

test('a resend is refused with the reason', async () => {
  const client = await server.client();
  const resend = (email) => client.Users.resendEmailConfirmation(email);
  await expectRefusal(resend(freshEmail()), { code: 3104 });
  await server.configure({ registration: { emailConfirmationRequired: false } });
  const account = await server.register();
  await expectRefusal(resend(account.email), { code: 3103 });
  await server.configure({ registration: { emailConfirmationRequired: true } });
  await expectRefusal(resend(account.email), { code: 3102 });
  assert.equal(server.mailsTo(account.email).length, 0);
});
