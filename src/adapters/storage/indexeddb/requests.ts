/** Requests and transactions of IndexedDB as promises. https://www.w3.org/TR/IndexedDB-3/ */

export const answered = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

/** Resolves once the transaction is complete, and as durable as it was asked to be. */
export const finished = (tx: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve()
    tx.onabort = () => reject(tx.error ?? new DOMException("aborted", "AbortError"))
  })

/** Deletes a database; waits for whoever has it open. */
export const deleted = async (name: string): Promise<void> => void (await answered(indexedDB.deleteDatabase(name)))
