import { Penalties } from '@stoa/lib/penalties.ts';
import { describe, expect, it } from 'vitest';
import { SignInBrake } from './sign-in-brake.ts';

/** Refusals that wait until the test lets them go, and a list of who was made to wait. */
class HeldPenalties extends Penalties {
  readonly waited: string[] = [];
  readonly held = Promise.withResolvers<void>();
  override async wait(key: string): Promise<void> {
    this.waited.push(key);
    await this.held.promise;
  }
}

const wrong = () => Promise.resolve(undefined);
const right = () => Promise.resolve('Ada');

describe('the brake on passwords', () => {
  it('makes a refusal wait by account, by address and by both, and never who comes with the right password', async () => {
    const penalties = new HeldPenalties();
    const brake = new SignInBrake(penalties);
    const refused = brake.attempt({ address: '10.0.0.1', account: 'ada' }, wrong);
    expect(await brake.attempt({ address: '10.0.0.1', account: 'ada' }, right)).toBe('Ada');
    expect(await brake.attempt({ address: '10.0.0.1', account: 'bob' }, right)).toBe('Ada');
    expect(penalties.waited).toEqual(['pair 10.0.0.1 ada', 'account ada', 'address 10.0.0.1']);
    penalties.held.resolve();
    expect(await refused).toBeUndefined();
  });

  it('looks at five tries of one address for an account at once, at twenty for an account, and at those of others as ever', async () => {
    const penalties = new HeldPenalties();
    const brake = new SignInBrake(penalties);
    const tries = Array.from({ length: 5 }, () => brake.attempt({ address: '10.0.0.1', account: 'ada' }, wrong));
    await expect(brake.attempt({ address: '10.0.0.1', account: 'ada' }, right)).rejects.toMatchObject({ status: 429, retryAfterS: 5 });
    expect(await brake.attempt({ address: '10.0.0.1', account: 'bob' }, right)).toBe('Ada');
    expect(await brake.attempt({ address: '10.0.0.2', account: 'ada' }, right)).toBe('Ada');
    for (let index = 0; index < 15; index += 1) tries.push(brake.attempt({ address: `10.0.1.${index}`, account: 'ada' }, wrong));
    await expect(brake.attempt({ address: '10.0.0.2', account: 'ada' }, right)).rejects.toMatchObject({ status: 429 });
    penalties.held.resolve();
    await Promise.all(tries);
    expect(await brake.attempt({ address: '10.0.0.1', account: 'ada' }, right)).toBe('Ada');
  });

  it('looks at forty tries of one address at once, whatever the accounts', async () => {
    const penalties = new HeldPenalties();
    const brake = new SignInBrake(penalties);
    const tries = Array.from({ length: 40 }, (_, index) => brake.attempt({ address: '10.0.0.1', account: `person-${index}` }, wrong));
    await expect(brake.attempt({ address: '10.0.0.1', account: 'ada' }, right)).rejects.toMatchObject({ status: 429 });
    expect(await brake.attempt({ address: '10.0.0.2', account: 'ada' }, right)).toBe('Ada');
    penalties.held.resolve();
    await Promise.all(tries);
  });
});
