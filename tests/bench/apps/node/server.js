'use strict';
// Answers with its version.
const version = require('fs').readFileSync('VERSION');
require('http').createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': version.length });
  response.end(version);
}).listen(process.env.PORT);
