import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { trayGlyphs } from '../desktop/main/tray-menu.ts';
import { pngSize } from './icon-files.ts';
import { root } from './step.ts';

const assets = join(root, 'assets');
const read = (...path: string[]): Buffer => readFileSync(join(assets, ...path));

describe('the icons in assets', () => {
  it('are pictures of the size that their name says', () => {
    const names = readdirSync(join(assets, 'icons'));
    expect(names.length).toBeGreaterThan(6);
    for (const name of names) {
      const { width, height } = pngSize(read('icons', name));
      expect(`${width}x${height}.png`).toBe(name);
    }
  });

  it('for Windows are a directory whose every entry is a picture of its size', () => {
    const ico = read('icon.ico');
    const count = ico.readUInt16LE(4);
    const edges = Array.from({ length: count }, (_, index) => {
      const at = 6 + 16 * index;
      const offset = ico.readUInt32LE(at + 12);
      const { width } = pngSize(ico.subarray(offset, offset + ico.readUInt32LE(at + 8)));
      expect(ico.readUInt8(at)).toBe(width % 256);
      return width;
    });
    expect(edges).toEqual([16, 24, 32, 48, 64, 128, 256]);
  });

  it('for macOS are blocks up to 1024 pixels that end where the file ends', () => {
    const icns = read('icon.icns');
    expect([icns.toString('latin1', 0, 4), icns.readUInt32BE(4)]).toEqual(['icns', icns.length]);
    const types: Record<string, number> = {};
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
      const png = icns.subarray(at + 8, at + icns.readUInt32BE(at + 4));
      types[icns.toString('latin1', at, at + 4)] = pngSize(png).width;
    }
    expect(types).toMatchObject({ icp4: 16, ic07: 128, ic08: 256, ic13: 256, ic09: 512, ic10: 1024 });
  });

  it('for the tray are there for each state, theme and scale', () => {
    for (const glyph of trayGlyphs) {
      for (const ink of ['light', 'dark', 'Template']) {
        expect(pngSize(read('tray', `${glyph}-${ink}.png`)).width).toBe(16);
        expect(pngSize(read('tray', `${glyph}-${ink}@2x.png`)).width).toBe(32);
      }
    }
  });
});
