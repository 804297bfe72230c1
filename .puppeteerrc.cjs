// Browsers come from the system's packages: npm must not download one.
module.exports = { skipDownload: true, executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium' };
