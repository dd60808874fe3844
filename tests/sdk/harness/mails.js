'use strict';

const fs = require('node:fs');
const path = require('node:path');

/** The mails that a server has written into its folder, the earliest first. */
function mailsIn(folder) {
  if (!fs.existsSync(folder)) {
    return [];
  }
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.eml'));
  return files.sort().map((name) => readMail(fs.readFileSync(path.join(folder, name), 'utf8')));
}

function readMail(eml) {
  const [head, ...rest] = eml.split('\r\n\r\n');
  const text = rest.join('\r\n\r\n');
  const header = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1].trim();
  return {
    to: header('To'),
    subject: header('Subject'),
    text,
    link: /^https?:\/\/\S+/m.exec(text)?.[0],
  };
}

module.exports = { mailsIn };
