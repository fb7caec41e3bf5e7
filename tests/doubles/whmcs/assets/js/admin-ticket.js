/* The stock script of the admin ticket page: handlers bound at DOMContentLoaded, in the bubbling phase, as jQuery binds. */
document.addEventListener('DOMContentLoaded', function () {
    'use strict';
    if (typeof ticketPage === 'undefined') {
        return;
    }
    var byId = function (id) { return document.getElementById(ticketPage.ids[id]); };

    function post(action, fields) {
        var body = new URLSearchParams(fields);
        body.set('action', action);
        body.set('id', ticketid);
        body.set('token', csrfToken);
        return fetch('supporttickets.php', { method: 'POST', body: body }).then(function (answer) {
            return answer.json();
        });
    }

    function started() {
        post('makingreply', {}).then(function (answer) {
            if (answer.isreplying) {
                byId('replyingAdminMsg').textContent = answer.isreplying;
                byId('replyingAdminMsg').classList.remove('hidden');
            }
        });
    }
    byId('replymessage').addEventListener('focus', started);
    byId('replynote').addEventListener('focus', started);
    window.addEventListener('pagehide', function () {
        var body = new URLSearchParams({ action: 'endreply', id: ticketid, token: csrfToken });
        navigator.sendBeacon('supporttickets.php', body);
    });

    var form = byId('frmAddTicketReply');
    var dialog = byId('ticketChangedDialog');
    form.addEventListener('submit', function (event) {
        if (event.defaultPrevented) {
            return;
        }
        event.preventDefault();
        post('validatereply', Object.assign({ status: form.elements.postaction.value }, ticketPage.seen)).then(
            function (answer) {
                if (answer.valid) {
                    // As with jQuery's trigger and skipValidation: no further submit event.
                    HTMLFormElement.prototype.submit.call(form);
                    return;
                }
                dialog.querySelector('p').textContent = answer.changeList.join('; ');
                dialog.classList.remove('hidden');
            }
        );
    });
    dialog.querySelector('.cancel').addEventListener('click', function () { dialog.classList.add('hidden'); });
    dialog.querySelector('.continue').addEventListener('click', function () {
        HTMLFormElement.prototype.submit.call(form);
    });
});
