<?php

namespace WHMCS\Module\Addon\Deskside;

/**
 * Turns a reply back that another agent is writing, before WHMCS stores it.
 *
 * NEEDS PROOF ON A LICENSED INSTALL. No hook can veto an agent's reply; this relies on hooks.php being read before the
 * page acts, on the session being there by then, and on the fields of the stock form. Whatever is missing, the reply
 * goes through: it fails open. Replies by API, mail and scheduled actions never come by here.
 */
final class ReplyGuard
{
    private const KEPT = 'deskside_kept';
    private const LONGEST = 200000;

    public static function stand(): void
    {
        $ticket = self::replyTo();
        if ($ticket === '' || !Settings::serverLock()) {
            return;
        }
        $agent = Staff::agent();
        if ($agent === null) {
            return;
        }
        $answer = Deskside::ask(['type' => 'lock.state', 'ticket' => $ticket, 'agent' => $agent]);
        $lock = is_array($answer) && isset($answer['lock']) && is_array($answer['lock']) ? $answer['lock'] : [];
        if (empty($lock['held']) || !empty($lock['mine'])) {
            return;
        }
        self::keep($ticket, $_POST['message'] ?? '');
        header('Location: supporttickets.php?action=viewticket&id=' . $ticket . '&deskside_refused=1', true, 303);
        exit;
    }

    /** The text that was turned back, once: the page that follows puts it into the field again. */
    public static function takeKept(string $ticket): string
    {
        $text = (string) ($_SESSION[self::KEPT][$ticket] ?? '');
        unset($_SESSION[self::KEPT][$ticket]);
        return $text;
    }

    private static function replyTo(): string
    {
        if (($_SERVER['REQUEST_METHOD'] ?? '') !== 'POST' || !isset($_POST['postreply']) || Staff::id() === '') {
            return '';
        }
        $page = basename((string) ($_SERVER['SCRIPT_NAME'] ?? ''));
        $action = (string) ($_POST['action'] ?? $_GET['action'] ?? '');
        if ($page !== 'supporttickets.php' || !in_array($action, ['view', 'viewticket'], true)) {
            return '';
        }
        // The form for notes has a button of the same name.
        if (($_POST['postaction'] ?? '') === 'note') {
            return '';
        }
        $ticket = (string) ($_POST['id'] ?? $_GET['id'] ?? '');
        return preg_match('/^[1-9][0-9]{0,18}$/', $ticket) === 1 ? $ticket : '';
    }

    /** @param mixed $text */
    private static function keep(string $ticket, $text): void
    {
        if (is_string($text) && $text !== '' && strlen($text) <= self::LONGEST) {
            $_SESSION[self::KEPT] = [$ticket => Lang::typed($text)];
        }
    }
}
