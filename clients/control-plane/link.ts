import type { ControlPlaneLink, ControlPlaneLinkOptions } from './types.ts';

/**
 * Starts all that a runtime has to do with the Control Plane. Resolves once the last-known-good configuration, if there is one, was
 * restored; nothing waits for the network. Throws when `stateDir` cannot be used.
 */
export async function startControlPlaneLink(options: ControlPlaneLinkOptions): Promise<ControlPlaneLink> {
  throw new Error(`The link of ${options.instance.instance_name} to the Control Plane is being written.`);
}
