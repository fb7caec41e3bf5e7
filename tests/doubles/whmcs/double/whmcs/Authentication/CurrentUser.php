<?php

namespace WHMCS\Authentication;

use WHMCS\User\Admin;
use WHMCS\User\Client;
use WHMCS\User\User;

/**
 * Who is behind this request: the user who logged in, the client account in view, the admin.
 */
final class CurrentUser
{
    public function admin(): ?Admin
    {
        return empty($_SESSION['adminid']) ? null : Admin::find($_SESSION['adminid']);
    }

    /** While an admin acts as a client there is no user of their own. */
    public function user(): ?User
    {
        return empty($_SESSION['user']) ? null : User::find($_SESSION['user']);
    }

    public function client(): ?Client
    {
        return empty($_SESSION['uid']) ? null : Client::find($_SESSION['uid']);
    }

    public function isAuthenticatedAdmin(): bool
    {
        return $this->admin() !== null;
    }

    public function isAuthenticatedUser(): bool
    {
        return $this->user() !== null;
    }

    public function isMasqueradingAdmin(): bool
    {
        return $this->admin() !== null && $this->client() !== null;
    }
}
