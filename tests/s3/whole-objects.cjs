'use strict';

// S3 promises that an acknowledged object is read whole at once, and that of several writers one wins. s3rver answers while it still writes, and lets
// several write into one file: this, loaded before it, makes it keep the promise.

const { createHash } = require('node:crypto');
const { mkdir, rename, writeFile } = require('node:fs/promises');
const { dirname } = require('node:path');
const { buffer } = require('node:stream/consumers');

const Store = require(require.resolve('../lib/stores/filesystem', { paths: [dirname(process.argv[1])] }));
let last = Promise.resolve();
let writes = 0;

Store.prototype.putObject = async function putObject(object) {
  const content = Buffer.isBuffer(object.content) ? object.content : await buffer(object.content);
  const md5 = createHash('md5').update(content).digest('hex');
  const path = this.getResourcePath(object.bucket, object.key, 'object');
  const unfinished = `${path}.${++writes}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(unfinished, content);

  // One after another, so that content and metadata are of the same writer.
  const done = last.then(async () => {
    await rename(unfinished, path);
    await this.putMetadata(object.bucket, object.key, object.metadata, md5);
  });
  last = done.catch(() => {});
  await done;
  return { size: content.length, md5 };
};
