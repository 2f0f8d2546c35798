// The entry in the menu of selected text. It hands text and tab to the popup, which does the rest.

chrome.runtime.onInstalled.addListener(async ({ reason }) => {
  chrome.contextMenus.create({ id: "look-up", title: chrome.i18n.getMessage("look_up_menu"), contexts: ["selection"] });
  if (reason === "install") await chrome.runtime.openOptionsPage();
});

chrome.contextMenus.onClicked.addListener(async ({ selectionText }, tab) => {
  await chrome.storage.session.set({ asked: { text: selectionText ?? "", tab: tab?.id ?? null } });
  try {
    await chrome.action.openPopup();
  } catch { // an older browser, or a window without a toolbar
    await chrome.windows.create({ url: chrome.runtime.getURL("popup.html?window"), type: "popup", width: 460, height: 640 });
  }
});
