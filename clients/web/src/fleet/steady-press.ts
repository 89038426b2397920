import type { PointerEvent } from 'react';

type Press = PointerEvent<HTMLButtonElement>;

/**
 * For a button below what grows and shrinks with every reading: a press is a click of it although the button moved away under the pointer before the
 * release. Who moves the pointer away takes the press back, as everywhere.
 */
export const steadyPress = {
  onPointerDown: ({ currentTarget, pointerId }: Press) => currentTarget.setPointerCapture(pointerId),
  onPointerMove({ currentTarget, pointerId, movementX, movementY }: Press) {
    const isMoved = Math.abs(movementX) + Math.abs(movementY) > 0;
    if (isMoved && currentTarget.hasPointerCapture(pointerId)) currentTarget.releasePointerCapture(pointerId);
  },
};
