import { randomBytes } from 'node:crypto';

// A process of its own: `node liars.ts URL COUNT` asks with tokens that nobody has, as fast as it is answered, until it is ended.
const [url, count] = process.argv.slice(2);
const once = () => fetch(`${url}/v1/policies`, { headers: { authorization: `Bearer stoa_op_${randomBytes(32).toString('base64url')}` } });

for (let client = 0; client < Number(count); client += 1) {
  void (async () => {
    for (;;)
      await once().then(
        (response) => response.arrayBuffer(),
        () => undefined,
      );
  })();
}
