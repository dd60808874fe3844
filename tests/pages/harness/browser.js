'use strict';

const { default: puppeteer } = require('puppeteer-core');

/** Chromium without a window; `CHROMIUM` names another one than Debian's. */
function launch() {
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    // The pages are our own, and CI runs as root, where Chromium has no sandbox.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

module.exports = { launch };
