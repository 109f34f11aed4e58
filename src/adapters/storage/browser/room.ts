/** What a browser says of its room, and the promise to keep it. https://storage.spec.whatwg.org/ */
import type { StorageMeasure } from "../../../core/store.ts"

export const measure = async (): Promise<StorageMeasure> => {
  const manager = navigator.storage as StorageManager | undefined
  if (manager === undefined) return {}
  const [persisted, estimate] = await Promise.all([manager.persisted(), manager.estimate()])
  return {
    persisted,
    ...(estimate.usage !== undefined && { usage: estimate.usage }),
    ...(estimate.quota !== undefined && { quota: estimate.quota }),
  }
}

/** May ask the user; may never settle. */
export const persist = async (): Promise<boolean> => {
  const manager = navigator.storage as StorageManager | undefined
  return manager !== undefined && ((await manager.persisted()) || (await manager.persist()))
}
