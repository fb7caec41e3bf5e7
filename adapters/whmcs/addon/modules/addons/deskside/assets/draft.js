// What an agent types is kept in this tab until it is known to be in the ticket.
(function () {
  'use strict';
  var Deskside = window.Deskside;
  if (!Deskside || Deskside.draft) { return; }
  var SAMPLE = 60;

  function plain(text) { return (text || '').replace(/\s+/g, ' ').trim(); }

  Deskside.draft = function (place, field) {
    var key = 'deskside:draft:' + place.config.ticket;
    var words = place.config.words;

    function read() {
      try { return JSON.parse(sessionStorage.getItem(key)); } catch (error) { return null; }
    }

    function keep(sent) {
      try {
        if (field.value.trim() === '') { if (!sent) { sessionStorage.removeItem(key); } return; }
        sessionStorage.setItem(key, JSON.stringify({ text: field.value, sent: !!sent }));
      } catch (error) { /* Full or forbidden: the field still has it. */ }
    }

    function forget() {
      try { sessionStorage.removeItem(key); } catch (error) { /* There was none. */ }
    }

    function put(text) {
      field.value = text;
      field.dispatchEvent(new Event('change', { bubbles: true }));
    }

    function offer(text) {
      var box = Deskside.element('p', 'deskside-lock deskside-draft', words.draft + ' ');
      [['restore', function () { put(text); }], ['discard', forget]].forEach(function (one) {
        var button = Deskside.element('button', 'deskside-button', words[one[0]]);
        button.type = 'button';
        button.addEventListener('click', function () { one[1](); box.remove(); });
        box.appendChild(button);
        box.appendChild(document.createTextNode(' '));
      });
      place.root.insertBefore(box, place.body);
    }

    // A signature that WHMCS puts into an empty reply is no text of the agent's.
    function untouched() { return field.value === field.defaultValue; }

    function start() {
      var found = read();
      var text = found ? found.text : place.config.kept;
      if (!text || plain(text) === plain(field.value)) { return; }
      if (place.config.refused && untouched()) { put(text); keep(false); return; }
      if (found && found.sent && plain(document.body.innerText).indexOf(plain(text).slice(0, SAMPLE)) >= 0) {
        forget();
        return;
      }
      offer(text);
    }

    field.addEventListener('input', function () { keep(false); });
    field.addEventListener('change', function () { keep(false); });
    start();
    return { keep: keep };
  };
})();
