/** One result: its grid, what is masked in it, copy, export, search, and how much of it is here. */
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { CopyFormat, QueryResult, StatementState } from '../../../ipc/schema.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { useSettings } from '../../bridge/use-settings.ts';
import { isMac, useKeyboard } from '../../shell/shortcuts/use-shortcuts.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Chip, chipClass } from '../../ui/chip.tsx';
import { AnchoredMenu, Menu } from '../../ui/menu.tsx';
import { Popover } from '../../ui/popover.tsx';
import { ResultGrid } from '../../ui/result-grid/result-grid.tsx';
import type { ResultGridHandle } from '../../ui/result-grid/result-grid.tsx';
import type { GridPlace, GridRange } from '../../ui/result-grid/selection.ts';
import { Split } from '../../ui/split.tsx';
import { CellViewer } from './cell-viewer.tsx';
import { copyFormatLabels } from './copy-formats.ts';
import { ExportDialog } from './export-dialog.tsx';
import { FindBar } from './find-bar.tsx';
import type { Match } from './find-bar.tsx';
import { MaskList } from './mask-list.tsx';
import { MaskWhy } from './mask-why.tsx';
import { placeMenu } from './place-menu.ts';
import { ResultFooter } from './result-footer.tsx';
import { RowViewer } from './row-viewer.tsx';
import { arrangedWords, useResultGrid } from './use-result-grid.ts';
import { versionWords } from './mask-words.ts';

export interface ResultPanelProps {
  readonly result: QueryResult;
  readonly statement: StatementState | undefined;
  readonly onCopied: (message: string) => void;
  readonly onRequestColumn: (relation: string, column: string) => void;
  readonly gridRef: { current: ResultGridHandle | null };
}

const rowHeights = { compact: 24, comfortable: 28 };

export function ResultPanel(props: ResultPanelProps): ReactNode {
  const { result, statement, onCopied, onRequestColumn, gridRef } = props;
  const bridge = useBridge();
  const { words } = useKeyboard();
  const { density, fontSize } = useSettings().appearance;
  const state = useResultGrid(result, gridRef, onCopied);
  const [selection, setSelection] = useState<{ focus: GridPlace; range: GridRange | null } | null>(null);
  // The place stays while the popover closes, so that the focus can go back to it.
  const [why, setWhy] = useState<{ readonly place: GridPlace; readonly isOpen: boolean }>({
    place: { row: -1, column: 0 },
    isOpen: false,
  });
  const [menu, setMenu] = useState<GridPlace | null>(null);
  const [viewed, setViewed] = useState<GridPlace | null>(null);
  const [listed, setListed] = useState<number | null>(null);
  const [isFinding, setFinding] = useState(false);
  const [isExporting, setExporting] = useState(false);
  useFirstRowMark(result);

  const columnOf = (place: GridPlace | null) =>
    place === null ? undefined : result.columns[state.columns[place.column]?.index ?? -1];
  const whyColumn = columnOf(why.place);
  const viewedColumn = columnOf(viewed);

  async function copyText(text: string, message: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      onCopied(message);
    } catch {
      onCopied('The browser did not allow copying.');
    }
  }

  async function copy(range: GridRange | null, format: CopyFormat, hasHeader: boolean): Promise<void> {
    const whole = {
      firstRow: 0,
      lastRow: state.rows.count - 1,
      firstColumn: 0,
      lastColumn: state.columns.length - 1,
    };
    const { firstRow, lastRow, firstColumn, lastColumn } = range ?? whole;
    if (lastRow < firstRow) return;
    try {
      const copied = await bridge.call('copyRows', {
        result: result.id,
        view: state.view,
        rows: [{ first: firstRow, last: lastRow + 1 }],
        columns: state.columns.slice(firstColumn, lastColumn + 1).map(({ index }) => index),
        format,
        hasHeader,
      });
      const masked = copied.maskedColumns === 0 ? '' : `, ${copied.maskedColumns} masked columns`;
      await copyText(copied.text, `Copied ${copied.rows.toLocaleString()} rows${masked}.`);
    } catch (thrown) {
      onCopied(thrown instanceof Error ? thrown.message : 'It could not be copied.');
    }
  }

  /** One thing at a time stands beside the grid: a value or a row. */
  function view(place: GridPlace): void {
    setListed(null);
    setViewed(place);
  }

  function list(row: number): void {
    setViewed(null);
    setListed(row);
  }

  function openWhy(place: GridPlace): void {
    if (columnOf(place)?.shows !== 'plain' && columnOf(place) !== undefined) setWhy({ place, isOpen: true });
  }

  function showMatches(matches: readonly Match[], current: Match | null): void {
    state.setMatches(matches);
    const column = state.columns.findIndex(({ index }) => index === current?.column);
    if (current !== null && column >= 0) gridRef.current?.goTo({ row: current.row, column });
  }

  const isSelection =
    selection?.range !== null &&
    selection !== null &&
    (selection.range.firstRow !== selection.range.lastRow ||
      selection.range.firstColumn !== selection.range.lastColumn);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-none flex-wrap items-center gap-2 border-b border-border px-3 py-1">
        {result.maskedColumns === 0 ? null : (
          <Popover
            title={`${result.maskedColumns} ${result.maskedColumns === 1 ? 'column' : 'columns'} masked`}
            trigger={
              <button type="button" className={`${chipClass('mask')} min-h-6`}>
                ⊘ {result.maskedColumns} {result.maskedColumns === 1 ? 'column' : 'columns'} masked
              </button>
            }
          >
            <MaskList columns={result.columns} />
          </Popover>
        )}
        {result.isOutdated ? (
          <>
            <Chip tone="warn">made under {versionWords(result) ?? 'an older policy'}</Chip>
            <span className="text-12 text-text-2">A newer policy shows less: run it again to export.</span>
          </>
        ) : null}
        {state.arrangement.order.length + state.arrangement.filters.length === 0 ? null : (
          <Button look="quiet" onClick={() => void state.arrange({ order: [], filters: [] })}>
            {arrangedWords(state.arrangement, result.columns)} · Reset
          </Button>
        )}
        {state.hidden === 0 ? null : (
          <Button look="quiet" onClick={state.showAll}>
            {state.hidden} hidden · Show all
          </Button>
        )}
        <span className="ml-auto flex gap-2">
          <Button onClick={() => setFinding(true)}>Find</Button>
          <Menu
            align="end"
            trigger={
              <button type="button" className={buttonClass()}>
                Copy <span aria-hidden="true">▾</span>
              </button>
            }
            items={copyFormatLabels.map(({ id, label }) => ({
              id,
              label,
              detail: isSelection ? 'The selection' : 'All loaded rows',
              onSelect: () => void copy(isSelection ? (selection?.range ?? null) : null, id, true),
            }))}
          />
          <Button unavailable={result.isOutdated} onClick={() => setExporting(true)}>
            Export
          </Button>
        </span>
      </div>
      {isFinding ? (
        <FindBar
          result={result.id}
          view={state.view}
          onMatches={showMatches}
          onClose={() => {
            setFinding(false);
            state.setMatches([]);
            gridRef.current?.focus();
          }}
        />
      ) : null}
      <Split
        id="cell"
        label="Width of the cell view"
        direction="horizontal"
        sized="second"
        initial={340}
        min={220}
        max={900}
        first={
          <ResultGrid
            ref={(handle) => {
              gridRef.current = handle;
            }}
            label={`${result.name}, ${result.rows.toLocaleString()} rows`}
            columns={state.columns}
            rows={state.rows}
            rowHeight={Math.round((rowHeights[density] * fontSize) / 13)}
            isMac={isMac}
            onSelection={setSelection}
            onActivate={(place) => (place.row < 0 ? setMenu(place) : view(place))}
            onRow={list}
            onWhy={openWhy}
            onMenu={setMenu}
            onCopy={(range) => void copy(range, 'tsv', false)}
            onFind={() => setFinding(true)}
            onMoveColumn={state.move}
          />
        }
        second={
          listed !== null ? (
            <RowViewer
              result={result.id}
              view={state.view}
              row={listed}
              rows={state.rows.count}
              columns={state.columns}
              shown={result.columns}
              onRow={(row) => {
                setListed(row);
                gridRef.current?.goTo({ row, column: selection?.focus.column ?? 0 });
              }}
              onCell={(column) => view({ row: listed, column })}
              onClose={() => {
                setListed(null);
                gridRef.current?.focus();
              }}
            />
          ) : viewed === null || viewedColumn === undefined ? null : (
            <CellViewer
              result={result.id}
              view={state.view}
              row={viewed.row}
              column={state.columns[viewed.column]?.index ?? 0}
              shown={viewedColumn}
              onCopy={(text) => void copyText(text, 'Copied the value.')}
              onClose={() => {
                setViewed(null);
                gridRef.current?.focus();
              }}
            />
          )
        }
      />
      <ResultFooter result={result} statement={statement} selection={selection} columns={state.columns} />
      <Popover
        title={`Why is ${whyColumn?.name ?? 'this'} masked?`}
        isOpen={why.isOpen}
        onOpenChange={(open) => {
          if (!open) setWhy({ ...why, isOpen: false });
        }}
        anchor={() => gridRef.current?.elementAt(why.place) ?? null}
        returnFocus={() => gridRef.current?.elementAt(why.place) ?? null}
        className="w-96"
      >
        {whyColumn === undefined ? null : (
          <MaskWhy
            column={whyColumn}
            onCopy={(text) => void copyText(text, 'Copied the details.')}
            onRequest={() => {
              const mask = whyColumn.masks[0];
              setWhy({ ...why, isOpen: false });
              if (mask !== undefined) onRequestColumn(mask.relation, mask.column);
            }}
          />
        )}
      </Popover>
      <AnchoredMenu
        label={menu !== null && menu.row < 0 ? 'Column' : 'Cell'}
        isOpen={menu !== null}
        onClose={() => setMenu(null)}
        anchor={() =>
          (menu === null ? gridRef.current?.focusedElement() : gridRef.current?.elementAt(menu)) ?? null
        }
        items={
          menu === null
            ? []
            : // eslint-disable-next-line react/refs -- what is given is called when an entry is chosen
              placeMenu({
                place: menu,
                state,
                column: columnOf(menu),
                copyKeys: words('gridCopy'),
                onCopy: (format) => void copy(selection?.range ?? null, format, false),
                onView: () => view(menu),
                onRow: () => list(menu.row),
                onWhy: () => openWhy(menu),
                onFit: () => gridRef.current?.fitColumn(menu.column),
                onCopyName: (name) => void copyText(name, 'Copied the name.'),
              })
        }
      />
      {isExporting ? (
        <ExportDialog result={result} view={state.view} onClose={() => setExporting(false)} />
      ) : null}
    </div>
  );
}

/** The moment that the budget for "run to first row" is measured by. */
function useFirstRowMark(result: QueryResult): void {
  const isFilled = result.rows > 0;
  useEffect(() => {
    if (isFilled) requestAnimationFrame(() => performance.mark('query:first-row', { detail: result.id }));
  }, [isFilled, result.id]);
}
