/** What is known of the storage, as a list: what it is, what the browser promised, who writes, and whether it is sealed. */
import type { ComponentChildren } from "preact"
import { useEffect } from "preact/hooks"
import { live } from "../live.ts"
import { useMe } from "../ui.ts"
import { inBytes } from "../words.ts"

export interface StorageFactsProps {
  readonly compact?: boolean
  /** More of the same list. */
  readonly children?: ComponentChildren
}

export const StorageFacts = ({ compact = false, children }: StorageFactsProps) => {
  const me = useMe()
  const { durable, kind, persisted, quota, usage } = live(me.storage.health).value
  const isSealed = live(me.vault.state).value.state !== "none"
  useEffect(() => {
    me.storage.measure().catch(() => undefined)
  }, [me])
  return (
    <dl class={compact ? "compact" : undefined}>
      <dt>Kept in</dt>
      <dd>{durable ? `this browser (${kind})` : "memory, until this page closes"}</dd>
      <dt>Encrypted at rest</dt>
      <dd>{!durable ? "nothing is at rest" : isSealed ? "yes" : "no: nothing is locked"}</dd>
      {durable ? (
        <>
          <dt>Writer</dt>
          <dd>this tab alone</dd>
          <dt>Safe from clean-up</dt>
          <dd>{persisted === undefined ? "the browser does not say" : persisted ? "yes" : "no"}</dd>
        </>
      ) : null}
      {usage === undefined ? null : (
        <>
          <dt>Used</dt>
          <dd>
            {inBytes(usage)}
            {quota === undefined ? "" : ` of ${inBytes(quota)}`}
          </dd>
        </>
      )}
      {children}
    </dl>
  )
}
