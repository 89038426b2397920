import type { Page } from 'playwright-core';

/** Every visible text whose contrast with what is behind it is below 4.5:1 (WCAG 2.2 §1.4.3), as `ratio text`. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    type Color = [number, number, number, number];
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    const parse = (css: string): Color => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = css;
      canvas.fillRect(0, 0, 1, 1);
      const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [red, green, blue, alpha / 255];
    };
    const over = (top: Color, below: Color) =>
      top
        .slice(0, 3)
        .map((part, index) => part * top[3] + below[index]! * (1 - top[3]))
        .concat(1) as Color;
    const behind = (element: Element | null): Color =>
      element === null ? [255, 255, 255, 1] : over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement));
    const luminance = (color: Color) => {
      const [red, green, blue] = color.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
    };
    const faint: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement!;
      const text = texts.currentNode.textContent!.trim();
      if (text === '' || !element.checkVisibility()) continue;
      const ground = behind(element);
      const [light, dark] = [luminance(over(parse(getComputedStyle(element).color), ground)), luminance(ground)].sort((a, b) => b - a);
      const ratio = (light! + 0.05) / (dark! + 0.05);
      if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${text}`);
    }
    return faint;
  });
}
