// storage.mjs - the sealed identity in this browser's IndexedDB: one record.

const NAME = 'sotto';
const STORE = 'identity';
const KEY = 'sealed';

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest} act */
async function transact(mode, act) {
  const database = await openDatabase();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode, { durability: 'strict' });
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @type {import('../peer/identity.mjs').Storage} */
export const browserStorage = {
  load: async () => (await transact('readonly', (store) => store.get(KEY))) ?? null,
  save: async (sealed) => {
    await transact('readwrite', (store) => store.put(sealed, KEY));
  },
};
