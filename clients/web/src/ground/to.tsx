import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { useAddresses } from './address.ts';

/** A link within the Console: a plain press changes the page without loading it anew, every other one is the browser's. */
export function To({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const addresses = useAddresses();
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    addresses.push(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}

/** Goes to an address of the Console. */
export function useGo(): (href: string) => void {
  const addresses = useAddresses();
  return (href) => addresses.push(href);
}
