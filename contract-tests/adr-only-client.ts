/** ADR-057's two calls and nothing else: no code of ours, no field that the ADR does not show. Answers how many heartbeats were accepted. */
export async function adrOnlyClient(
  url: string,
  key: string,
  beats: number,
  wait: (seconds: number) => Promise<void>,
): Promise<{ id: string; accepted: number }> {
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${url}/v1/internal/gateways/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
  const instance = {
    instance_name: 'kong-prod-01',
    gateway_mode: 'connect',
    version: '0.12.0',
    features: ['mcp', 'policies', 'metering'],
    environment: 'production',
  };
  const registered = await post('register', instance);
  if (registered.status !== 200) throw new Error(`register: ${registered.status}`);
  const { gateway_id, heartbeat_interval_s } = (await registered.json()) as { gateway_id: string; heartbeat_interval_s: number };
  let accepted = 0;
  for (let count = 1; count <= beats; count += 1) {
    await wait(heartbeat_interval_s);
    const answer = await post(`${gateway_id}/heartbeat`, {
      status: 'healthy',
      uptime_s: count * heartbeat_interval_s,
      metrics: { requests_total: 1234 },
    });
    if (answer.status === 200) accepted += 1;
  }
  return { id: gateway_id, accepted };
}
